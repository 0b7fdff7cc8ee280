/** The strokes of 正 in the order they are written: one counts by them, and the sign means "right". */
const STROKES = ['M4 4h16', 'M12 4v16', 'M12 12h6', 'M6.5 11v9', 'M3 20h18'] as const

/** Which of them is drawn in the badge's colour. */
const BADGE_STROKE = 1

type SignProps = {
  /** Pixels; the sign is square. */
  size?: number
  /** Stroke after stroke, again and again, while something loads. */
  drawing?: boolean
}

/** The sign of the product. Decoration: the words beside it say what it stands for. */
export function Sign({ size = 26, drawing = false }: SignProps) {
  return (
    <svg
      aria-hidden="true"
      className={drawing ? 'sign-drawing shrink-0' : 'shrink-0'}
      fill="none"
      height={size}
      strokeLinecap="round"
      strokeWidth="2.6"
      viewBox="0 0 24 24"
      width={size}
    >
      {STROKES.map((stroke, index) => (
        <path
          className={index === BADGE_STROKE ? 'stroke-badge' : 'stroke-ink'}
          d={stroke}
          key={stroke}
          pathLength={1}
          style={{ '--stroke': index } as React.CSSProperties}
        />
      ))}
    </svg>
  )
}
