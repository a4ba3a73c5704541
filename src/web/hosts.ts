import { useEffect } from 'preact/hooks'
import type { HostView } from '../api/host-registry.ts'
import { ask } from './api.ts'
import { useLoaded } from './load.ts'
import { usePlace } from './place.ts'

export type Host = HostView

const LOOK_EVERY_MS = 60_000

/** The hosts that have points here. */
export const useHosts = (mayRead: boolean): readonly Host[] => {
  const { value, reload } = useLoaded(mayRead ? 'hosts' : null, (signal) =>
    ask<{ hosts: Host[] }>('api/hosts', { signal }),
  )
  useEffect(() => {
    const again = setInterval(reload, LOOK_EVERY_MS)
    return () => clearInterval(again)
  }, [reload])
  return value?.hosts ?? []
}

/** The host that the address names; undefined: the server's own. */
export const useHost = (): string | undefined => usePlace().get('host') ?? undefined
