/** A grey block where something will be, of the size it will have. `className` gives the size. */
export function Skeleton({ className }: { className: string }) {
  return <span aria-hidden="true" className={`block animate-breathe rounded-1 bg-line/70 ${className}`} />
}
