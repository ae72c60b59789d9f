import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Resource {
  Type: string
  Properties?: Record<string, unknown>
  DependsOn?: string | string[]
  Condition?: string
}

export interface Parameter {
  Type: string
  Default?: unknown
}

export interface Template {
  Parameters?: Record<string, Parameter>
  Mappings?: Record<string, Record<string, Record<string, unknown>>>
  Conditions?: Record<string, unknown>
  Resources: Record<string, Resource>
  Outputs?: Record<string, { Value: unknown; Condition?: string; Export?: { Name: unknown } }>
}

/** One stack of a cloud assembly: what `cdk synth` left in a folder. */
export interface SynthesizedStack {
  stackName: string
  /** Where the app says that the stack belongs, if it says so. */
  account?: string
  region?: string
  template: Template
  /** The file or folder of an asset, by its object key in the staging bucket. */
  assetPath(objectKey: string): string
  /** The stack within this one that `TemplateURL` of an AWS::CloudFormation::Stack leads to. */
  nested(logicalId: string, templateUrl: unknown): SynthesizedStack
}

interface Artifact {
  type: string
  /** As `aws://<account>/<region>`, where either may be unknown-account or unknown-region. */
  environment?: string
  dependencies?: string[]
  displayName?: string
  properties?: { templateFile?: string; file?: string; stackName?: string; directoryName?: string }
}

interface AssetManifest {
  files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>
}

/** Reads the stacks of the cloud assembly in `folder`, and of the stages in it, in the order in which they can be deployed. */
export function readAssembly(folder: string): SynthesizedStack[] {
  if (!existsSync(join(folder, 'manifest.json'))) {
    throw new Error(`${folder} must be a cloud assembly, a folder that cdk synth wrote; it has no manifest.json`)
  }
  const { artifacts = {} } = readJson<{ artifacts?: Record<string, Artifact> }>(join(folder, 'manifest.json'))
  const assetPath = readAssets(folder, Object.values(artifacts))
  return inOrder(artifacts).flatMap(([id, artifact]) => {
    const { directoryName, stackName, templateFile } = artifact.properties ?? {}
    if (artifact.type === 'cdk:cloud-assembly' && directoryName) return readAssembly(join(folder, directoryName))
    if (artifact.type !== 'aws:cloudformation:stack') return []
    const template = readTemplate(join(folder, templateFile ?? `${id}.template.json`))
    return [synthesizedStack({ ...environmentOf(artifact), stackName: stackName ?? id, template, assetPath })]
  })
}

function environmentOf({ environment = '' }: Artifact): Pick<SynthesizedStack, 'account' | 'region'> {
  const [, account, region] = /^aws:\/\/(\d+|unknown-account)\/([\w-]+)$/.exec(environment) ?? []
  return {
    account: account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
  }
}

function synthesizedStack(stack: Omit<SynthesizedStack, 'nested'>): SynthesizedStack {
  return {
    ...stack,
    nested(logicalId, templateUrl) {
      // The URL is joined of account, region and, at its end, the key of the template among the assets.
      const key = /([\w.-]+\.json)\W*$/.exec(JSON.stringify(templateUrl) ?? '')?.[1] ?? ''
      const template = readTemplate(stack.assetPath(key))
      return synthesizedStack({ ...stack, stackName: `${stack.stackName}-${logicalId}`, template })
    },
  }
}

/** What an artifact depends on comes before it. */
function inOrder(artifacts: Record<string, Artifact>): [string, Artifact][] {
  const ordered = new Map<string, Artifact>()
  const visit = (id: string, open: string[]) => {
    const artifact = artifacts[id]
    if (!artifact || ordered.has(id) || open.includes(id)) return
    for (const before of artifact.dependencies ?? []) visit(before, [...open, id])
    ordered.set(id, artifact)
  }
  for (const id of Object.keys(artifacts)) visit(id, [])
  return [...ordered]
}

function readAssets(folder: string, artifacts: Artifact[]): SynthesizedStack['assetPath'] {
  const paths = new Map<string, string>()
  for (const { type, properties } of artifacts) {
    if (type !== 'cdk:asset-manifest' || !properties?.file) continue
    const assets = readJson<AssetManifest>(join(folder, properties.file))
    for (const { source, destinations } of Object.values(assets.files ?? {})) {
      for (const { objectKey } of Object.values(destinations))
        if (source.path) paths.set(objectKey, join(folder, source.path))
    }
  }
  return (objectKey) => {
    const path = paths.get(objectKey)
    if (!path || !existsSync(path)) {
      const where = path ? `at ${path}: it was made and is gone` : `in ${folder}`
      throw new Error(`the template names the asset ${objectKey}, which is not ${where}; synthesize again`)
    }
    return path
  }
}

/** CDK leaves out the resources of a stack that has none. */
function readTemplate(file: string): Template {
  return { Resources: {}, ...readJson<Partial<Template>>(file) }
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (cause) {
    throw new Error(`${file} must be JSON as cdk synth wrote it; synthesize again (${(cause as Error).message})`, {
      cause,
    })
  }
}
