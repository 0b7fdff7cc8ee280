import { type Device, listDevices } from '@tally/client/extras'
import type { Block } from '@tally/protocol'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePreferenceStore } from '../alerts/preference-store.ts'
import { blocksOf } from '../tally/blocks.ts'
import { useTally } from '../tally/tally-context.ts'
import { Button } from '../ui/button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useRefusalWords } from '../use-attempt.ts'
import { BlockedPeople } from './blocked-people.tsx'
import { DataSettings } from './data-settings.tsx'
import { DeviceSettings } from './device-settings.tsx'
import { PreferenceSettings } from './preference-settings.tsx'
import { Setting } from './setting.tsx'

type Answer<T> = PromiseSettledResult<T>

type Known = {
  blocks: Answer<readonly Block[]>
  devices: Answer<readonly Device[]>
  preferences: Answer<unknown>
}

/**
 * What the server knows of the person, the same on all devices. How long each part is shows only with its answer: they
 * stand there all at once, below everything that is known without asking, so that nothing moves when one comes. A part
 * that could not be had says so in its place.
 */
export function PersonSettings({ onDeleted }: { onDeleted: () => void }) {
  const { t } = useTranslation()
  const tally = useTally()
  const store = usePreferenceStore()
  const [known, setKnown] = useState<Known | null>(null)
  const load = useCallback(() => {
    Promise.allSettled([blocksOf(tally).list(), listDevices(tally), store.current()]).then(
      ([blocks, devices, preferences]) => setKnown({ blocks, devices, preferences }),
    )
  }, [tally, store])
  useEffect(load, [load])
  if (known === null) return <Unknown />
  const retry = () => {
    setKnown(null)
    load()
  }
  return (
    <>
      <Part answer={known.preferences} onRetry={retry} title={t('settings.reach')}>
        {() => <PreferenceSettings />}
      </Part>
      <Part answer={known.blocks} onRetry={retry} title={t('settings.blocked')}>
        {(blocks) => <BlockedPeople known={blocks} />}
      </Part>
      <Part answer={known.devices} onRetry={retry} title={t('settings.devices')}>
        {(devices) => <DeviceSettings known={devices} />}
      </Part>
      <DataSettings onDeleted={onDeleted} />
    </>
  )
}

type PartProps<T> = {
  answer: Answer<T>
  title: string
  onRetry: () => void
  children: (known: T) => ReactNode
}

function Part<T>({ answer, title, onRetry, children }: PartProps<T>) {
  const { t } = useTranslation()
  const words = useRefusalWords()
  if (answer.status === 'fulfilled') return children(answer.value)
  return (
    <Setting title={title}>
      <div className="flex items-center gap-4" role="alert">
        <p className="min-w-0 flex-1 text-ink-2">{words(answer.reason)}</p>
        <Button onClick={onRetry}>{t('common.retry')}</Button>
      </div>
    </Setting>
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
