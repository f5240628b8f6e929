import { dirname } from 'node:path'
import { GatewayError } from '../../gateway-error.ts'
import { launchdPlan } from './launchd-plist.ts'
import type { ServiceDefinition, ServicePlan } from './service-definition.ts'
import { systemdPlan } from './systemd-unit.ts'
import { windowsPlan } from './windows-task.ts'

export const servicePlatforms = ['linux', 'darwin', 'win32'] as const

interface ServicePlaces {
  readonly platform: string
  readonly home: string
  /** `costeer` in the user's configuration folder. */
  readonly configHome: string
  /** -1 where the system has none. */
  readonly userId: number
  readonly userName: string
}

/** How the system of a platform takes the service. Throws `invalid_request` where none is known. */
export function servicePlan(definition: ServiceDefinition, places: ServicePlaces): ServicePlan {
  const { platform, configHome } = places
  switch (platform) {
    case 'linux':
      return systemdPlan(definition, dirname(configHome))
    case 'darwin':
      return launchdPlan(definition, places)
    case 'win32':
      return windowsPlan(definition, places)
    default:
      throw new GatewayError(
        'invalid_request',
        `Services of ${platform} are not known here. Let its own supervisor run "costeer serve".`,
      )
  }
}
