import type { EventSourceMapping, MappingServices } from './mapping.ts'
import { mappingSettings } from './mapping-settings.ts'
import { startQueueMapping } from './queue-mapping.ts'
import { startStreamMapping } from './stream-mapping.ts'

/** Connects a stream or a queue to a function, by the resolved properties of an AWS::Lambda::EventSourceMapping. */
export function startEventSourceMapping(properties: object, services: MappingServices): EventSourceMapping {
  const settings = mappingSettings(properties)
  if ((properties as { Enabled?: boolean }).Enabled === false)
    return { started: Promise.resolve(), stop: async () => {} }
  services.faults?.add(settings.name)
  return settings.kind === 'stream' ? startStreamMapping(settings, services) : startQueueMapping(settings, services)
}
