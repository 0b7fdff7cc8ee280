import { deleteMyAccount, exportMyData } from '@tally/client/extras'
import { type FormEvent, useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { saveAs } from '../files/save-as.ts'
import { forgetDrafts } from '../room/drafts.ts'
import { useTally } from '../tally/tally-context.ts'
import { useStore } from '../tally/use-store.ts'
import { Button } from '../ui/button.tsx'
import { useHandOn } from '../ui/use-hand-on.ts'
import { useAttempt } from '../use-attempt.ts'
import { Setting } from './setting.tsx'

/** One's own data: to take along, and to delete. */
export function DataSettings({ onDeleted }: { onDeleted: () => void }) {
  const { t } = useTranslation()
  const tally = useTally()
  const attempt = useAttempt()
  const me = useStore(tally.me)
  const [busy, setBusy] = useState(false)
  const [asked, setAsked] = useState(false)
  const run = (work: Promise<void>) => {
    setBusy(true)
    attempt(work.finally(() => setBusy(false)))
  }
  const exportAll = async () => saveAs(await exportMyData(tally), 'tally-export.json')
  const remove = async () => {
    await deleteMyAccount(tally)
    // What somebody wrote who is no more is not kept here, to be sent or not.
    tally.discardUnsent()
    if (me !== null) forgetDrafts(me.id)
    onDeleted()
  }
  return (
    <Setting hint={t('settings.dataHint')} title={t('settings.data')}>
      <div className="flex flex-wrap gap-2">
        {/* Not disabled: pressed, it would lose the focus. */}
        <Button
          aria-disabled={busy}
          className="aria-disabled:opacity-40"
          onClick={() => !busy && run(exportAll())}
        >
          {t('settings.export')}
        </Button>
        <Button aria-expanded={asked} onClick={() => setAsked(!asked)} tone="danger">
          {t('settings.delete')}
        </Button>
      </div>
      {asked && <DeleteForm busy={busy} onCancel={() => setAsked(false)} onDelete={() => run(remove())} />}
    </Setting>
  )
}

type DeleteFormProps = { busy: boolean; onCancel: () => void; onDelete: () => void }

/** Whoever deletes an account writes their name first: nobody does that by accident. */
function DeleteForm({ busy, onCancel, onDelete }: DeleteFormProps) {
  const { t } = useTranslation()
  const me = useStore(useTally().me)
  const id = useId()
  const form = useHandOn<HTMLFormElement>(({ previousElementSibling }) =>
    previousElementSibling?.querySelector<HTMLElement>('[aria-expanded]'),
  )
  useEffect(() => {
    // It opens at the end of a long dialog: its buttons must be seen.
    form.current?.scrollIntoView({ block: 'end' })
  }, [form])
  const [typed, setTyped] = useState('')
  const name = me?.name ?? me?.id ?? ''
  const sure = typed.trim().normalize('NFC') === name.trim().normalize('NFC') && name !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (sure && !busy) onDelete()
  }
  return (
    <form ref={form} className="grid gap-2 rounded-2 border border-line bg-paper p-3" onSubmit={submit}>
      <p className="text-balance">{t('settings.deleteHint')}</p>
      <label className="font-semibold" htmlFor={id}>
        {t('settings.deleteType', { name })}
      </label>
      <input
        autoComplete="off"
        className="h-9 rounded-2 border border-line bg-raised px-3 text-2"
        dir="auto"
        id={id}
        onChange={(event) => setTyped(event.target.value)}
        value={typed}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
        <Button aria-busy={busy} disabled={!sure} tone="danger" type="submit">
          {t('settings.deleteNow')}
        </Button>
      </div>
    </form>
  )
}
