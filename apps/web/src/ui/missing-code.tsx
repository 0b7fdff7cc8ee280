import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'

/** So often in a row is no accident. */
const MANY = 3
/** Whoever waits for code asks every other second: after so long without a failure it is there, or not wanted any more. */
const OVER_AFTER_MS = 10_000

/** Says it when code does not come although there is a network: after a new release the old one is gone from the server. */
export function MissingCode() {
  const { t } = useTranslation()
  const [failures, setFailures] = useState(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const onFailure = () => {
      if (!navigator.onLine) return
      setFailures((before) => before + 1)
      clearTimeout(timer)
      timer = setTimeout(() => setFailures(0), OVER_AFTER_MS)
    }
    addEventListener('vite:preloadError', onFailure)
    return () => {
      removeEventListener('vite:preloadError', onFailure)
      clearTimeout(timer)
    }
  }, [])
  if (failures < MANY) return null
  return (
    <div
      className="fixed inset-x-4 bottom-4 z-50 mx-auto flex w-fit items-center gap-4 rounded-3 border border-line bg-raised py-2 pr-2 pl-4 shadow-raised"
      role="alert"
    >
      <p>{t('common.missingCode')}</p>
      <Button onClick={() => location.reload()}>{t('common.reload')}</Button>
    </div>
  )
}
