import { Button } from './ui/button.tsx'
import { Sign } from './ui/sign.tsx'

/**
 * Instead of a blank page, when the page itself is broken. In both languages at once: that the words of one could not be
 * had may be what broke it.
 */
export function CrashScreen() {
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-6 p-6 text-center">
      <Sign size={40} />
      <div className="grid gap-4" role="alert">
        <div lang="ko">
          <h1 className="text-4 font-bold tracking-tight">화면을 보여 드리지 못했습니다</h1>
          <p className="mt-1 text-ink-2">페이지를 다시 불러와 주세요.</p>
        </div>
        <div lang="en">
          <p className="text-4 font-bold tracking-tight">The page could not be shown</p>
          <p className="mt-1 text-ink-2">Please load the page again.</p>
        </div>
      </div>
      <Button onClick={() => location.reload()} tone="primary">
        <span lang="ko">다시 불러오기</span>
        <span aria-hidden="true">·</span>
        <span lang="en">Reload</span>
      </Button>
    </main>
  )
}
