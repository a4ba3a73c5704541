import type { Door, DoorDeps } from '../doors/door.ts'
import { doors } from '../doors/index.ts'
import type { AllowedHosts } from '../http/allowed-hosts.ts'
import type { CorsRule } from '../http/cors.ts'
import { openHttp } from '../http/serve.ts'
import type { Surface } from '../http/surface.ts'
import type { Settings } from '../settings.ts'

export type OpenDoors = {
  /** For the main port. */
  readonly surfaces: readonly Surface[]
  readonly cors: readonly CorsRule[]
  /** Opens the ports that doors have for themselves; gives where they listen. */
  listen(): Promise<readonly { readonly name: string; readonly port: number }[]>
  close(): Promise<void>
}

/** The doors that the settings ask for, at the main port and each at its own where it has one. */
export const openDoors = (
  deps: DoorDeps & { readonly settings: Settings; readonly allowed: AllowedHosts },
): OpenDoors => {
  const { settings, allowed, origins, clock, log } = deps
  const opened = doors
    .filter(({ name }) => settings.DOORS.includes(name))
    .map((door) => ({ door, surface: door.open(deps), cors: corsOf(door, settings) }))
  const alone = opened.flatMap(({ door, surface, cors }) => {
    const port = settings[door.portSetting]
    if (port === undefined) return []
    const http = openHttp({
      surfaces: [surface],
      basePath: '',
      allowed,
      origins,
      cors,
      monotonic: clock.monotonic,
      log,
    })
    return [{ door, port, http }]
  })
  return {
    surfaces: opened.map(({ surface }) => surface),
    cors: opened.flatMap(({ cors }) => cors),
    listen: () =>
      Promise.all(
        alone.map(async ({ door: { name, portSetting }, port, http }) => ({
          name,
          port: await http.listen({ host: settings.HOST, port, setting: portSetting }),
        })),
      ),
    close: async () => {
      await Promise.all(alone.map(({ http }) => http.close()))
    },
  }
}

const corsOf = ({ cors }: Door, settings: Settings): readonly CorsRule[] =>
  cors === undefined ? [] : [cors(settings)]
