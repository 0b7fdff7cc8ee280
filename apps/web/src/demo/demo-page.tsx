import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Opening } from '../messenger/opening.tsx'
import { Link } from '../routing/link.tsx'
import { Button } from '../ui/button.tsx'
import { Sign } from '../ui/sign.tsx'
import { WithFace } from '../ui/with-face.tsx'
import { DemoStage } from './demo-stage.tsx'
import { type Demo, startDemo } from './start-demo.ts'

type Start =
  | { state: 'starting' }
  | { state: 'there'; demo: Demo }
  | { state: 'unavailable' }
  | { state: 'failed' }

/** Two phones side by side: what the product does, in ten seconds. */
export function DemoPage() {
  const [attempt, setAttempt] = useState(1)
  return <DemoAttempt key={attempt} onRetry={() => setAttempt(attempt + 1)} />
}

function DemoAttempt({ onRetry }: { onRetry: () => void }) {
  const [start, setStart] = useState<Start>({ state: 'starting' })
  useEffect(() => {
    const abort = new AbortController()
    startDemo(abort.signal).then(
      (demo) => setStart(demo === null ? { state: 'unavailable' } : { state: 'there', demo }),
      () => !abort.signal.aborted && setStart({ state: 'failed' }),
    )
    return () => abort.abort()
  }, [])
  if (start.state === 'starting') return <Opening />
  if (start.state !== 'there') return <NoDemo onRetry={start.state === 'failed' ? onRetry : undefined} />
  return (
    <WithFace meanwhile={<Opening />}>
      <DemoStage demo={start.demo} />
    </WithFace>
  )
}

/** Why there is nothing to see, and what can be done. */
function NoDemo({ onRetry }: { onRetry: (() => void) | undefined }) {
  const { t } = useTranslation()
  const failed = onRetry !== undefined
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 p-6 text-center">
      <Sign size={40} />
      <p className="text-3 text-balance text-ink-2" role={failed ? 'alert' : undefined}>
        {t(failed ? 'signIn.failed' : 'demo.unavailable')}
      </p>
      {failed && <Button onClick={onRetry}>{t('common.retry')}</Button>}
      <Link className="font-semibold text-action hover:underline" to="/">
        {t('common.toChats')}
      </Link>
    </main>
  )
}
