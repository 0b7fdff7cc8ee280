import { type Device, listDevices } from '@tally/client/extras'
import type { Block } from '@tally/protocol'
import { useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePreferenceStore } from '../alerts/preference-store.ts'
import { useTally } from '../tally/tally-context.ts'
import { Button } from '../ui/button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useRefusalWords } from '../use-attempt.ts'
import { BlockedPeople } from './blocked-people.tsx'
import { DataSettings } from './data-settings.tsx'
import { DeviceSettings } from './device-settings.tsx'
import { PreferenceSettings } from './preference-settings.tsx'

type Known = { blocks: readonly Block[]; devices: readonly Device[] }

/**
 * What the server knows of the person, the same on all devices. How long each part is shows only with its answer: they
 * stand there all at once, below everything that is known without asking, so that nothing moves when one comes.
 */
export function PersonSettings({ onDeleted }: { onDeleted: () => void }) {
  const { t } = useTranslation()
  const tally = useTally()
  const preferences = usePreferenceStore()
  const words = useRefusalWords()
  const [known, setKnown] = useState<Known | null>(null)
  const [error, setError] = useState<unknown>(null)
  const load = useCallback(() => {
    setError(null)
    Promise.all([tally.listBlocks(), listDevices(tally), preferences.current()]).then(
      ([blocks, devices]) => setKnown({ blocks, devices }),
      setError,
    )
  }, [tally, preferences])
  useEffect(load, [load])
  if (error !== null) {
    return (
      <div className="flex items-center gap-4" role="alert">
        <p className="min-w-0 flex-1 text-ink-2">{words(error)}</p>
        <Button onClick={load}>{t('common.retry')}</Button>
      </div>
    )
  }
  if (known === null) return <Unknown />
  return (
    <>
      <PreferenceSettings />
      <BlockedPeople known={known.blocks} />
      <DeviceSettings known={known.devices} />
      <DataSettings onDeleted={onDeleted} />
    </>
  )
}

/** Headings and lines, as they will come. */
function Unknown() {
  return (
    <div aria-hidden="true" className="grid gap-6">
      {[5, 2, 2].map((lines, part) => (
        <div className="grid gap-3" key={['reach', 'quiet', 'devices'][part]}>
          <Skeleton className="h-5 w-28" />
          {['a', 'b', 'c', 'd', 'e'].slice(0, lines).map((line) => (
            <Skeleton className="h-6" key={line} />
          ))}
        </div>
      ))}
    </div>
  )
}
