import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { AssetHashType } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { buildSync, type Metafile } from 'esbuild'
import { bundleOptions, EXTENSION } from './bundle-options.ts'

const LAMBDA_FOLDER = join(import.meta.dirname, '../lambda')

/**
 * How the SDK finds credentials on a developer's machine, in a container or on EC2: a third of a bundle, and loaded only
 * when the environment holds no credentials. On Lambda it always does.
 */
const UNUSED_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
]

export const FUNCTION_NAMES = ['dispatch-jobs', 'run-job', 'publish-changes', 'sweep-overdue'] as const
export type FunctionName = (typeof FUNCTION_NAMES)[number]

export interface FunctionBundle {
  readonly javascript: string
  readonly sourceMap: string
  readonly metafile: Metafile
}

/**
 * Bundles every function with what it uses of the SDK, in one run of esbuild: a fraction of a second, where the
 * NodejsFunction construct starts npx for each function.
 */
export function bundleFunctions(agentsPath: string): Record<FunctionName, FunctionBundle> {
  const { outputFiles, metafile } = buildSync({
    ...bundleOptions(agentsPath),
    entryPoints: FUNCTION_NAMES.map((name) => join(LAMBDA_FOLDER, `${name}${EXTENSION}`)),
    outdir: LAMBDA_FOLDER,
    outExtension: { '.js': '.mjs' },
    metafile: true,
    minify: true,
    external: UNUSED_CREDENTIALS,
    sourcemap: 'linked',
    sourcesContent: false,
  })
  const bundle = (name: FunctionName): FunctionBundle => {
    const textOf = (extension: string) =>
      outputFiles.find(({ path }) => basename(path) === `${name}${extension}`)?.text ?? ''
    return { javascript: textOf('.mjs'), sourceMap: textOf('.mjs.map'), metafile }
  }
  return Object.fromEntries(FUNCTION_NAMES.map((name) => [name, bundle(name)])) as Record<FunctionName, FunctionBundle>
}

/** Makes a function of the bundle; its handler is `index.handler`. */
export function withAsset<T>(
  name: FunctionName,
  { javascript, sourceMap }: FunctionBundle,
  build: (code: Code) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-'))
  const linked = javascript.replace(`sourceMappingURL=${name}.mjs.map`, 'sourceMappingURL=index.mjs.map')
  writeFileSync(join(folder, 'index.mjs'), linked)
  writeFileSync(join(folder, 'index.mjs.map'), sourceMap)
  // Of the code alone: a source map holds paths, and those are not the same on every machine.
  const assetHash = createHash('sha256').update(javascript).digest('hex')
  const built = build(Code.fromAsset(folder, { assetHash, assetHashType: AssetHashType.CUSTOM }))
  // The asset stands in the cloud assembly from the moment that the function is made.
  rmSync(folder, { recursive: true })
  return built
}
