import type { ResourceRequest } from './resource.ts'

/** What was passed over, and so what stands on it and has to be passed over too. */
export class PassedOver {
  readonly #names = new Set<unknown>()

  add({ physicalName, properties: { ApiId, Name } }: ResourceRequest): void {
    this.#names.add(physicalName).add(`${physicalName}.FunctionId`)
    if (ApiId !== undefined) this.#names.add(`${ApiId}/${Name}`)
  }

  /** Whether a reader of a queue or stream, a resolver or a function of a pipeline has lost what it hands its work to. */
  carries({ ApiId, DataSourceName, FunctionName, PipelineConfig }: ResourceRequest['properties']): boolean {
    const { Functions = [] } = (PipelineConfig ?? {}) as { Functions?: unknown[] }
    return [FunctionName, ...Functions, `${ApiId}/${DataSourceName}`].some((name) => this.#names.has(name))
  }
}
