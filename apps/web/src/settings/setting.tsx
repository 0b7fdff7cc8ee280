import { type ReactNode, useId } from 'react'

/** A part of the settings under its heading. */
export function Setting({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section className="grid grid-cols-1 gap-2">
      <h3 className="font-semibold text-ink-2">{title}</h3>
      {hint !== undefined && <p className="-mt-1 text-1 text-pretty text-ink-2">{hint}</p>}
      {children}
    </section>
  )
}

type SwitchProps = {
  label: string
  checked: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
}

/** Something that is on or off. */
export function Switch({ label, ...toggle }: SwitchProps) {
  const id = useId()
  return (
    <label
      className="flex min-h-9 cursor-pointer items-center gap-3 has-disabled:cursor-default has-disabled:text-ink-3"
      htmlFor={id}
    >
      <span className="min-w-0 flex-1">{label}</span>
      <Toggle {...toggle} id={id} />
    </label>
  )
}

type ToggleProps = Omit<SwitchProps, 'label'> & {
  /** By which its label knows it. */
  id: string
}

/** The switch itself, for a label around it. */
export function Toggle({ id, checked, disabled = false, onChange }: ToggleProps) {
  return (
    <>
      <input
        aria-checked={checked}
        checked={checked}
        className="peer sr-only"
        disabled={disabled}
        id={id}
        onChange={(event) => onChange(event.target.checked)}
        role="switch"
        type="checkbox"
      />
      <span
        aria-hidden="true"
        className="relative h-6 w-10 shrink-0 rounded-full bg-ink-3 transition-colors duration-120 peer-checked:bg-action peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-action peer-disabled:opacity-40 after:absolute after:top-0.5 after:left-0.5 after:size-5 after:rounded-full after:bg-raised after:transition-[translate] after:duration-120 peer-checked:after:translate-x-4"
      />
    </>
  )
}
