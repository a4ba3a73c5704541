import { urlOf } from '../../api.ts'
import { facts } from '../../facts.ts'

/** What this is, and where its documents are. */
export const About = () => (
  <section class="card stack" aria-label="About">
    <h2>PerfWatch {facts.version}</h2>
    <p>A performance monitor for Linux machines. MIT licence.</p>
    <p>
      <a href={urlOf('docs').href}>The API, to read and to try</a>,{' '}
      <a href={urlOf('openapi.json').href}>as an OpenAPI document</a>.
    </p>
  </section>
)
