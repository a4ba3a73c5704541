import type { Registry } from 'prom-client'
import type { Accounts } from '../../accounts/accounts.ts'
import type { HttpContext } from '../../http/surface.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { bearerOf } from '../../http/identity.ts'

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8'

export type MetricsDeps = {
  readonly registry: Registry
  readonly tokens: Pick<Accounts['tokens'], 'verify'>
  /** METRICS_PUBLIC: nobody is asked who they are. */
  readonly isPublic: boolean
  /** Puts the newest sample into its gauges. */
  readonly refresh: () => void
}

/** The figures of the pipeline and the newest sample, as Prometheus reads them. */
export const metricsRoutes = ({
  registry,
  tokens,
  isPublic,
  refresh,
}: MetricsDeps): readonly Endpoint[] => {
  const byMetricsToken = async (context: HttpContext): Promise<boolean> => {
    const token = bearerOf(context.env.incoming)
    return token !== undefined && (await tokens.verify(token))?.metrics === true
  }
  return [
    endpoint({
      method: 'get',
      path: '/metrics',
      access: isPublic ? 'anyone' : 'readers',
      ...(!isPublic && { alsoBy: byMetricsToken }),
      tag: 'Service',
      summary: 'Figures for Prometheus',
      answer: { status: 200, description: 'Prometheus text', media: ['text/plain'] },
      async handle() {
        refresh()
        return new Response(await registry.metrics(), {
          headers: { 'Content-Type': PROMETHEUS_TEXT },
        })
      },
    }),
  ]
}
