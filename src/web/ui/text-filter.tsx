import { useEffect, useRef, useState } from 'preact/hooks'

/** The server is asked when nobody has typed for so long. */
const REST_MS = 300

type Props = {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A field that says what was typed when the typing rests. */
export const TextFilter = ({ label, value, onChange }: Props) => {
  const [text, setText] = useState(value)
  const rest = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => setText(value), [value])
  useEffect(() => () => clearTimeout(rest.current), [])
  return (
    <label>
      {label}
      <input
        type="search"
        value={text}
        onInput={({ currentTarget }) => {
          const typed = currentTarget.value
          setText(typed)
          clearTimeout(rest.current)
          rest.current = setTimeout(() => onChange(typed), REST_MS)
        }}
      />
    </label>
  )
}
