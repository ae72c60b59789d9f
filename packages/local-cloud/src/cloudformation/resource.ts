import type { Services } from './services.ts'
import type { SynthesizedStack } from './template.ts'

/** What a template's `Ref` and `Fn::GetAtt` see of a resource that stands. */
export interface DeployedResource {
  ref: string
  attributes?: Record<string, string>
  /** Stands in for an attribute that is not among them. */
  attribute?(name: string): string | undefined
  /** Begins to work through what is waiting; called once everything is deployed, and settled when it has begun. */
  start?(): void | Promise<void>
}

export interface ResourceRequest {
  logicalId: string
  /** `<stack>-<logicalId>`: stable over restarts, so that state on disk is found again. */
  physicalName: string
  /** The properties, with every intrinsic function resolved. */
  properties: Record<string, unknown>
  stack: SynthesizedStack
  services: Services
}

export type Deployer = (request: ResourceRequest) => Promise<DeployedResource>
