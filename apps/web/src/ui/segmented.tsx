type SegmentedProps<T extends string> = {
  /** What is chosen here, for those who do not see it. */
  label: string
  options: readonly { value: T; text: string }[]
  value: T
  onChange: (value: T) => void
}

/** One of a few: real radio buttons, so arrow keys and screen readers work as everywhere. */
export function Segmented<T extends string>({ label, options, value, onChange }: SegmentedProps<T>) {
  return (
    <fieldset className="flex gap-1 rounded-2 bg-sunken p-1">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          className="grid min-h-8 flex-1 cursor-pointer place-items-center rounded-1 px-3 text-2 whitespace-nowrap text-ink-2 has-checked:bg-raised has-checked:font-semibold has-checked:text-ink has-checked:shadow-raised has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-action"
          key={option.value}
        >
          <input
            checked={option.value === value}
            className="sr-only"
            name={label}
            onChange={() => onChange(option.value)}
            type="radio"
            value={option.value}
          />
          {option.text}
        </label>
      ))}
    </fieldset>
  )
}
