import { Menu as Base } from '@base-ui/react/menu'
import type { LucideIcon } from 'lucide-react'
import { useEffect, useEffectEvent, useRef } from 'react'
import { flushSync } from 'react-dom'
import type { PopupProps } from './popup-on-use.tsx'

export type MenuEntry =
  | { icon: LucideIcon; text: string; onSelect: () => void; danger?: boolean }
  /** A line between two groups. */
  | 'line'

export type MenuProps = {
  /** The button that opens it. */
  trigger: PopupProps['trigger']
  entries: readonly MenuEntry[]
  align?: 'start' | 'end'
  onOpenChange?: (open: boolean) => void
}

/** The menu itself. */
export function MenuPopup(props: MenuProps & { defaultOpen: boolean }) {
  const { trigger, entries, align = 'end', defaultOpen, onOpenChange } = props
  const button = useRef<HTMLButtonElement>(null)
  const menu = useRef<Base.Root.Actions>(null)
  const isChosen = useRef(false)
  // It opens with its first drawing, and says so once.
  const sayOpen = useEffectEvent(() => {
    if (defaultOpen) onOpenChange?.(true)
  })
  useEffect(() => sayOpen(), [])
  // What is chosen begins when the menu is gone and its button has the focus again: it may take the focus itself, and a
  // question that it asks gives it back to what had it before.
  const choose = (act: () => void) => {
    isChosen.current = true
    flushSync(() => {
      menu.current?.close()
      menu.current?.unmount()
    })
    isChosen.current = false
    button.current?.focus({ preventScroll: true })
    act()
  }
  return (
    <Base.Root
      actionsRef={menu}
      defaultOpen={defaultOpen}
      modal={false}
      onOpenChange={(open) => onOpenChange?.(open)}
    >
      <Base.Trigger ref={button} render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} className="z-30 outline-none" collisionPadding={8} sideOffset={4}>
          <Base.Popup
            finalFocus={() => !isChosen.current}
            className="min-w-44 origin-(--transform-origin) rounded-2 border border-line bg-raised p-1 shadow-raised outline-none transition-[scale,opacity] duration-120 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0"
          >
            {entries.map((entry, index) =>
              entry === 'line' ? (
                <Base.Separator
                  className="mx-1 my-1 h-px bg-line"
                  key={`above ${textOf(entries[index + 1])}`}
                />
              ) : (
                <Item key={entry.text} {...entry} onSelect={() => choose(entry.onSelect)} />
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

/** A line is named after the entry below it. */
function textOf(entry: MenuEntry | undefined): string {
  return entry === undefined || entry === 'line' ? '' : entry.text
}

function Item({ icon: Icon, text, onSelect, danger = false }: Exclude<MenuEntry, 'line'>) {
  return (
    <Base.Item
      closeOnClick={false}
      className="flex min-h-9 cursor-default items-center gap-3 rounded-1 px-2.5 text-2 text-ink outline-none select-none data-highlighted:bg-sunken"
      onClick={onSelect}
    >
      <Icon aria-hidden="true" className={danger ? 'text-new' : 'text-ink-2'} size={16} strokeWidth={1.75} />
      {text}
    </Base.Item>
  )
}
