import { useEffect, useState } from 'preact/hooks'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'perfwatch-theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

/** What the reader has chosen; nothing secret is ever kept in the browser's storage. */
export const chosenTheme = (): Theme => {
  const kept = localStorage.getItem(KEY)
  return THEMES.find((theme) => theme === kept) ?? 'auto'
}

const changed = new Set<() => void>()

export const chooseTheme = (theme: Theme): void => {
  localStorage.setItem(KEY, theme)
  applyTheme()
}

/** Writes the theme where the styles look for it. */
export const applyTheme = (): void => {
  const theme = chosenTheme()
  const shown = theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme
  document.documentElement.dataset['theme'] = shown
  for (const listener of changed) listener()
}
dark.addEventListener('change', applyTheme)

/** Changes when the colours do: what is drawn on a canvas has to be drawn again. */
export const useThemeRound = (): number => {
  const [round, setRound] = useState(0)
  useEffect(() => {
    const listener = () => setRound((before) => before + 1)
    changed.add(listener)
    return () => {
      changed.delete(listener)
    }
  }, [])
  return round
}

/** A colour of the style sheet, by the name of its property. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** How many colours lines have before they begin anew. */
const COLOURS = 8

export const lineColour = (place: number): string => colour(`--line-${(place % COLOURS) + 1}`)
