type Props = {
  readonly label: string
  readonly value: string | undefined
  readonly options: readonly string[]
  readonly onChange: (value: string) => void
}

/** One of several. */
export const Choice = ({ label, value, options, onChange }: Props) => (
  <label>
    {label}
    <select
      value={value}
      disabled={options.length === 0}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {options.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  </label>
)
