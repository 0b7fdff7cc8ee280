import { Sample, Section } from './section.tsx'

const COLORS = [
  ['paper', 'bg-paper'],
  ['raised', 'bg-raised'],
  ['sunken', 'bg-sunken'],
  ['line', 'bg-line'],
  ['ink', 'bg-ink'],
  ['ink-2', 'bg-ink-2'],
  ['ink-3', 'bg-ink-3'],
  ['badge', 'bg-badge'],
  ['action', 'bg-action'],
  ['own', 'bg-own'],
  ['live', 'bg-live'],
  ['warn', 'bg-warn'],
] as const

const TYPE = [
  ['text-1 · 12/16', 'text-1'],
  ['text-2 · 14/20', 'text-2'],
  ['text-3 · 16/24', 'text-3'],
  ['text-4 · 20/28', 'text-4 font-bold'],
  ['text-5 · 28/36', 'text-5 font-bold tracking-[-0.02em]'],
] as const

const RADII = [
  ['6', 'rounded-1'],
  ['10', 'rounded-2'],
  ['12', 'rounded-avatar'],
  ['16', 'rounded-3'],
  ['full', 'rounded-full'],
] as const

/** Colours, type and corners. */
export function TokenSamples() {
  return (
    <>
      <Section title="Colours">
        <ul className="grid grid-cols-3 gap-3 sm:grid-cols-4 lg:grid-cols-6">
          {COLORS.map(([name, color]) => (
            <li className="grid gap-1 text-1 text-ink-2" key={name}>
              <span className={`h-14 rounded-2 border border-line ${color}`} />
              {name}
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Type">
        {TYPE.map(([name, style]) => (
          <Sample key={name} name={name}>
            <p className={style}>내일 면접 시간 괜찮으세요? How about 3 pm, table 14?</p>
          </Sample>
        ))}
        <Sample name="tabular figures">
          <p className="grid text-3 tabular">
            <span>1,111 ms</span>
            <span>8,888 ms</span>
          </p>
        </Sample>
      </Section>
      <Section title="Corners and shadow">
        <div className="flex flex-wrap gap-4">
          {RADII.map(([name, radius]) => (
            <div
              className={`grid size-16 place-items-center border border-line bg-raised text-1 text-ink-2 shadow-raised ${radius}`}
              key={name}
            >
              {name}
            </div>
          ))}
        </div>
      </Section>
    </>
  )
}
