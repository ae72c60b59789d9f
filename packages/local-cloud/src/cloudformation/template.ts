import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Resource {
  Type: string
  Properties?: Record<string, unknown>
  DependsOn?: string | string[]
  Condition?: string
}

export interface Template {
  Parameters?: Record<string, { Type: string; Default?: unknown }>
  Mappings?: Record<string, Record<string, Record<string, unknown>>>
  Conditions?: Record<string, unknown>
  Resources: Record<string, Resource>
  Outputs?: Record<string, { Value: unknown; Condition?: string }>
}

/** One stack of a cloud assembly: what `cdk synth` left in a folder. */
export interface SynthesizedStack {
  stackName: string
  template: Template
  /** The file or folder of an asset, by its object key in the staging bucket. */
  assetPath(objectKey: string): string
}

interface AssemblyManifest {
  artifacts: Record<
    string,
    { type: string; properties?: { templateFile?: string; file?: string; stackName?: string }; displayName?: string }
  >
}

interface AssetManifest {
  files?: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>
}

/** Reads the one stack of the cloud assembly in `folder`. */
export function readStack(folder: string): SynthesizedStack {
  const manifest = readJson<AssemblyManifest>(join(folder, 'manifest.json'))
  const artifacts = Object.entries(manifest.artifacts)
  const stacks = artifacts.filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
  const [first, ...others] = stacks
  if (!first || others.length > 0)
    throw new Error(`the local cloud runs one stack; the CDK app gives ${stacks.length}: ${stacks.map(([id]) => id)}`)
  const [id, stack] = first
  const paths = new Map<string, string>()
  for (const [, artifact] of artifacts) {
    if (artifact.type !== 'cdk:asset-manifest' || !artifact.properties?.file) continue
    const assets = readJson<AssetManifest>(join(folder, artifact.properties.file))
    for (const { source, destinations } of Object.values(assets.files ?? {}))
      for (const { objectKey } of Object.values(destinations)) paths.set(objectKey, join(folder, source.path))
  }
  return {
    stackName: stack.properties?.stackName ?? id,
    template: readJson<Template>(join(folder, stack.properties?.templateFile ?? `${id}.template.json`)),
    assetPath(objectKey) {
      const path = paths.get(objectKey)
      if (!path)
        throw new Error(`the template names the asset ${objectKey}, which is not in ${folder}; synthesize again`)
      return path
    },
  }
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T
}
