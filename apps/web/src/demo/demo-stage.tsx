import type { RoomState, Tally } from '@tally/client'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { roomPath } from '../routing/route.ts'
import { useStore } from '../tally/use-store.ts'
import { useAttempt } from '../use-attempt.ts'
import { useMedia } from '../use-media.ts'
import { DemoMeter } from './demo-meter.ts'
import type { LatencyStats } from './latency-stats.ts'
import { MeterPanel } from './meter-panel.tsx'
import { PhoneCaption } from './phone-caption.tsx'
import { PhoneFrame } from './phone-frame.tsx'
import { PhoneScreen } from './phone-screen.tsx'
import { Pill } from './pill.tsx'
import { SecondDevice } from './second-device.tsx'
import type { Demo, Phone } from './start-demo.ts'

const BURST = 100

/** The two phones, the measurement between them, and what can be tried. */
export function DemoStage({ demo }: { demo: Demo }) {
  const { t } = useTranslation()
  const attempt = useAttempt()
  const [meter] = useState(() => new DemoMeter(demo))
  const reading = useStore(meter)
  const [said, setSaid] = useState(0)
  useEffect(() => {
    meter.start()
    return () => meter.stop()
  }, [meter])
  const onShown = useCallback((phone: Phone, row: RoomState) => meter.shown(phone, row), [meter])
  const onDevice = useCallback((tally: Tally) => meter.addDevice(tally), [meter])

  const { seeker, company, roomId } = demo
  const room = seeker.tally.room(roomId)
  // What cannot be sent (too much waits already) is said, as everywhere.
  const say = async () => {
    seeker.router.go(roomPath(roomId))
    const words = t('demo.suggestions', { returnObjects: true })
    room.send(words[said % words.length] ?? '')
    setSaid(said + 1)
  }
  const burst = async () => {
    seeker.router.go(roomPath(roomId))
    meter.burst(() => {
      for (let n = 1; n <= BURST; n++) room.send(t('demo.burstText', { n }))
    })
  }
  const reset = () => {
    seeker.router.go(roomPath(roomId))
    company.router.go('/')
    meter.reset()
    for (const { tally } of [seeker, company]) attempt(tally.markAllRead())
  }
  return (
    <main className="mx-auto grid min-h-dvh max-w-[1180px] content-start gap-8 px-4 py-6 md:px-8 lg:grid-rows-[auto_1fr] lg:py-8">
      <DemoHeader latency={reading.latency} />
      <div className="grid items-start gap-x-6 gap-y-10 md:grid-cols-2 lg:grid-cols-[320px_1fr_320px]">
        <div className="max-md:order-last">
          <StagePhone onDevice={onDevice} onShown={onShown} phone={seeker} roomId={roomId} />
        </div>
        <div className="grid items-center max-lg:order-first md:max-lg:col-span-2 lg:min-h-[600px]">
          <MeterPanel reading={reading}>
            <div className="flex flex-wrap justify-center gap-2">
              <Pill onClick={() => attempt(say())} primary>
                {t('demo.hello')}
              </Pill>
              <Pill onClick={() => attempt(burst())}>{t('demo.burst')}</Pill>
              <Pill onClick={reset}>{t('demo.reset')}</Pill>
            </div>
          </MeterPanel>
        </div>
        <StagePhone onDevice={onDevice} onShown={onShown} phone={company} roomId={roomId} />
      </div>
    </main>
  )
}

function DemoHeader({ latency: { count, lastMs } }: { latency: LatencyStats }): ReactNode {
  const { t } = useTranslation()
  const format = useFormat()
  // Below that the phones stand one below the other.
  const isBeside = useMedia('(min-width: 48rem)')
  return (
    <div className="grid gap-1">
      <PageHeader current="/demo" />
      <h1 className="mt-3 text-5 font-bold tracking-[-0.02em] tabular">
        {/* The first one of all pays for what is prepared once: it is measured, but no headline. */}
        {lastMs === null || count < 2 ? t('demo.titleIdle') : t('demo.title', { ms: format.ms(lastMs) })}
      </h1>
      <p className="max-w-[64ch] text-3 text-balance text-ink-2 max-md:text-2">
        {t(isBeside ? 'demo.lead' : 'demo.leadStacked')}
      </p>
    </div>
  )
}

type StagePhoneProps = {
  phone: Phone
  roomId: Demo['roomId']
  onShown: (phone: Phone, row: RoomState) => void
  onDevice: (tally: Tally) => () => void
}

/** A phone with its caption, and its owner's second device below it. */
function StagePhone({ phone, roomId, onShown, onDevice }: StagePhoneProps) {
  const { t } = useTranslation()
  const [polling, setPolling] = useState(false)
  const [offline, setOffline] = useState(false)
  const [second, setSecond] = useState(false)
  const poll = (next: boolean) => {
    setPolling(next)
    phone.tally.setTransport(next ? 'polling' : 'auto')
  }
  const goOffline = (next: boolean) => {
    setOffline(next)
    if (next) void phone.tally.stop()
    else phone.tally.start()
  }
  return (
    <PhoneFrame
      caption={
        <>
          <PhoneCaption
            offline={offline}
            onOffline={goOffline}
            onPolling={poll}
            onSecond={setSecond}
            phone={phone}
            polling={polling}
            second={second}
          />
          {second && <SecondDevice onDevice={onDevice} phone={phone} />}
        </>
      }
      label={t('demo.phoneOf', { name: phone.person.name })}
    >
      <PhoneScreen onShown={onShown} phone={phone} roomId={roomId} />
    </PhoneFrame>
  )
}
