import type { ComponentProps, MouseEvent } from 'react'
import { useRouter } from './router.ts'

type LinkProps = Omit<ComponentProps<'a'>, 'href'> & { to: string }

/** A link within the app. Opened in a new tab, copied or middle-clicked it is an ordinary link. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const router = useRouter()
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (event.defaultPrevented || !plain) return
    event.preventDefault()
    router.go(to)
  }
  return <a href={to} onClick={follow} {...rest} />
}
