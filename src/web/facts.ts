import type { PageFacts } from '../api/page-facts.ts'

const text = document.querySelector('meta[name="perfwatch"]')?.getAttribute('content') ?? '{}'

/** What the server has written into the page. */
export const facts: PageFacts = {
  version: '',
  registration: false,
  user: null,
  ...JSON.parse(text),
}
