import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AssetHashType, DockerImage } from 'aws-cdk-lib'
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda'
import { buildSync, type Metafile } from 'esbuild'

const LAMBDA_FOLDER = join(import.meta.dirname, '../lambda')

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
    entryPoints: FUNCTION_NAMES.map((name) => join(LAMBDA_FOLDER, `${name}.ts`)),
    outdir: LAMBDA_FOLDER,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    // Class names are error names, and those reach logs and job rows.
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages that offer ES modules only through these are tree-shaken with them, and carried whole without.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    alias: { '#agents': agentsPath },
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
  })
  const bundle = (name: FunctionName): FunctionBundle => {
    const textOf = (extension: string) =>
      outputFiles.find(({ path }) => path.endsWith(`/${name}${extension}`))?.text ?? ''
    return { javascript: textOf('.mjs'), sourceMap: textOf('.mjs.map'), metafile }
  }
  return Object.fromEntries(FUNCTION_NAMES.map((name) => [name, bundle(name)])) as Record<FunctionName, FunctionBundle>
}

/** The bundle as a Lambda asset with the handler `index.handler`. */
export function assetOf(name: FunctionName, { javascript, sourceMap }: FunctionBundle): AssetCode {
  return Code.fromAsset(LAMBDA_FOLDER, {
    // Of the code alone: a source map holds paths, and those differ with the output folder.
    assetHash: createHash('sha256').update(javascript).digest('hex'),
    assetHashType: AssetHashType.CUSTOM,
    bundling: {
      // Asked for by the type; the bundle is ready, so no container is started.
      image: DockerImage.fromRegistry('scratch'),
      local: {
        tryBundle(outputFolder) {
          mkdirSync(outputFolder, { recursive: true })
          const linked = javascript.replace(`sourceMappingURL=${name}.mjs.map`, 'sourceMappingURL=index.mjs.map')
          writeFileSync(join(outputFolder, 'index.mjs'), linked)
          writeFileSync(join(outputFolder, 'index.mjs.map'), sourceMap)
          return true
        },
      },
    },
  })
}
