import { reportMessage, reportPerson } from '@tally/client/extras'
import { LIMITS, type RoomId, type Seq, type UserId } from '@tally/protocol'
import { type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { blocksOf } from '../tally/blocks.ts'
import { useTally } from '../tally/tally-context.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useToasts } from '../ui/toasts.ts'
import { useAttempt } from '../use-attempt.ts'

const REASONS = ['spam', 'harassment', 'fraud', 'other'] as const
type Reason = (typeof REASONS)[number]

/** What is reported, and who can be blocked with it. */
export type ReportTarget = {
  kind: 'message' | 'person'
  name: string
  userId: UserId | null
  message?: { roomId: RoomId; seq: Seq; text: string }
}

type ReportDialogProps = { target: ReportTarget; onClose: () => void }

/** Tells the host about a message or a person; nobody else learns of it. */
export function ReportDialog({ target, onClose }: ReportDialogProps) {
  const { t } = useTranslation()
  const tally = useTally()
  const toasts = useToasts()
  const attempt = useAttempt()
  const noteId = useId()
  const [reason, setReason] = useState<Reason>('spam')
  const [note, setNote] = useState('')
  const [block, setBlock] = useState(false)
  const [busy, setBusy] = useState(false)
  const { message, userId } = target

  const tell = async () => {
    const why = { reason, ...(note.trim() === '' ? {} : { note: note.trim() }) }
    if (message !== undefined)
      await reportMessage(tally, { roomId: message.roomId, seq: message.seq, ...why })
    else if (userId !== null) await reportPerson(tally, { userId, ...why })
    if (block && userId !== null) await blocksOf(tally).set(userId, true)
    toasts.show(t('report.done'))
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    attempt(tell().finally(() => setBusy(false)))
  }
  return (
    <Dialog onClose={onClose} open title={t(`report.${target.kind}`, { name: target.name })}>
      <form className="grid gap-4" onSubmit={submit}>
        {message !== undefined && (
          <blockquote
            className="line-clamp-3 border-l-2 border-line pl-3 wrap-anywhere text-ink-2"
            dir="auto"
          >
            {message.text}
          </blockquote>
        )}
        <fieldset className="grid gap-1">
          <legend className="pb-1 font-semibold">{t('report.why')}</legend>
          {REASONS.map((value) => (
            <label className="flex min-h-9 items-center gap-3 rounded-1 px-1 hover:bg-sunken" key={value}>
              <input
                checked={reason === value}
                className="size-4 accent-action"
                name="reason"
                onChange={() => setReason(value)}
                type="radio"
              />
              {t(`report.reasons.${value}`)}
            </label>
          ))}
        </fieldset>
        <div className="grid gap-1">
          <label className="font-semibold" htmlFor={noteId}>
            {t('report.note')}
          </label>
          <textarea
            className="min-h-20 resize-none rounded-2 border border-line bg-paper px-3 py-2 text-2"
            dir="auto"
            id={noteId}
            maxLength={LIMITS.reportNoteChars}
            onChange={(event) => setNote(event.target.value)}
            value={note}
          />
        </div>
        {userId !== null && (
          <label className="flex min-h-9 items-center gap-3 px-1">
            <input
              checked={block}
              className="size-4 accent-action"
              onChange={(event) => setBlock(event.target.checked)}
              type="checkbox"
            />
            {t('report.alsoBlock', { name: target.name })}
          </label>
        )}
        <p className="text-1 text-ink-2">{t('report.hint')}</p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          {/* Not `disabled`: it has the focus, which would be lost with that, and could not be given back. */}
          <Button aria-disabled={busy} tone="primary" type="submit">
            {t('report.send')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
