import { readdirSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import {
  AppsyncFunction,
  type BaseDataSource,
  Code,
  FunctionRuntime,
  type GraphqlApi,
  Resolver,
} from 'aws-cdk-lib/aws-appsync'
import { Construct } from 'constructs'
import { buildSync } from 'esbuild'
import { Kind, parse } from 'graphql'
import { EXTENSION } from './bundle-options.ts'
import { GRAPHQL_FOLDER } from './schema.ts'

const ROOT_TYPES = ['Query', 'Mutation', 'Subscription']
/** What AppSync takes as the code of one resolver or function. */
const MAX_CODE_BYTES = 32_768

const DATA_SOURCES = ['AgentJob', 'AgentJobEvent', 'AgentJobSession', 'Results', 'None'] as const
export type DataSourceName = (typeof DATA_SOURCES)[number]

/** One field's resolver: a unit resolver has a data source, a pipeline has steps that have one each. */
export interface ResolverSource {
  readonly typeName: string
  readonly fieldName: string
  readonly file: string
  readonly dataSource: DataSourceName | null
  readonly steps: readonly { readonly file: string; readonly name: string; readonly dataSource: DataSourceName }[]
}

/** A resolver for each file in graphql/resolvers; a file's name is the address of its field. */
export class JobResolvers extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { api: GraphqlApi; dataSources: Record<DataSourceName, BaseDataSource>; inputRules: unknown },
  ) {
    super(scope, id)
    const { api, dataSources } = props
    const runtime = FunctionRuntime.JS_1_0_0
    const sources = readResolvers(GRAPHQL_FOLDER)
    const code = bundleResolvers(
      sources.flatMap(({ file, steps }) => [file, ...steps.map((step) => step.file)]),
      props.inputRules,
    )
    for (const { typeName, fieldName, file, dataSource, steps } of sources) {
      const pipelineConfig = steps.map(
        (step) =>
          new AppsyncFunction(this, `${typeName}.${fieldName}.${step.name}`, {
            api,
            runtime,
            dataSource: dataSources[step.dataSource],
            name: `${fieldName}_${step.name}`,
            code: Code.fromInline(code(step.file)),
          }),
      )
      new Resolver(this, `${typeName}.${fieldName}`, {
        api,
        typeName,
        fieldName,
        runtime,
        code: Code.fromInline(code(file)),
        ...(dataSource ? { dataSource: dataSources[dataSource] } : { pipelineConfig }),
      })
    }
  }
}

/** Reads which file answers which field, and refuses a file without a field, a field without a file, and a gap in a pipeline. */
export function readResolvers(folder: string): ResolverSource[] {
  const fields = schemaFields(readFileSync(join(folder, 'schema.graphql'), 'utf8'))
  // By their names in the repository: what is published has them compiled.
  const files = readdirSync(join(folder, 'resolvers'))
    .filter((file) => extname(file) === EXTENSION)
    .map((file) => `${basename(file, EXTENSION)}.ts`)
  const dataSources: Record<string, string | null> = JSON.parse(readFileSync(join(folder, 'data-sources.json'), 'utf8'))
  const stale = Object.keys(dataSources).find((file) => !files.includes(file))
  if (stale) throw new Error(`graphql/data-sources.json names ${stale}, but graphql/resolvers has no such file`)

  const addresses = files.sort().map((file) => ({ file, ...address(file, fields) }))
  const resolvers = addresses.filter(({ step }) => step === undefined)
  for (const field of fields) {
    if (ROOT_TYPES.includes(field.split('.')[0] ?? '') && !resolvers.some((resolver) => resolver.field === field)) {
      throw new Error(`${field} has no resolver: write graphql/resolvers/${field}.ts`)
    }
  }
  return resolvers.map(({ file, field }) => {
    const [typeName = '', fieldName = ''] = field.split('.')
    const steps = addresses.flatMap((part) =>
      part.field === field && part.step
        ? [{ file: part.file, name: part.step, dataSource: stepDataSource(part.file, dataSources) }]
        : [],
    )
    const dataSource = dataSourceOf(file, dataSources)
    if (dataSource === null && steps.length === 0) {
      throw new Error(`${file} is a pipeline by graphql/data-sources.json, but there is no ${field}.1.<name>.ts`)
    }
    if (dataSource !== null && steps.length > 0) {
      throw new Error(`${file} has steps, so graphql/data-sources.json must give it null, not "${dataSource}"`)
    }
    return { typeName, fieldName, file, dataSource, steps }
  })
}

function address(file: string, fields: Set<string>): { field: string; step?: string } {
  const match = /^(\w+\.\w+)(?:\.\d\.(\w+))?\.ts$/.exec(file)
  if (!match?.[1]) {
    throw new Error(`graphql/resolvers/${file} must be named <Type>.<field>.ts or <Type>.<field>.<n>.<name>.ts`)
  }
  if (!fields.has(match[1])) throw new Error(`graphql/resolvers/${file}: the schema has no field ${match[1]}`)
  return { field: match[1], step: match[2] }
}

function dataSourceOf(file: string, dataSources: Record<string, string | null>): DataSourceName | null {
  const name = dataSources[file]
  const known = name === null ? null : DATA_SOURCES.find((each) => each === name)
  if (known !== undefined) return known
  const choice = DATA_SOURCES.map((each) => JSON.stringify(each)).join(', ')
  throw new Error(
    `graphql/data-sources.json must give ${file} ${choice}, or null for a pipeline; got ${JSON.stringify(name)}`,
  )
}

function stepDataSource(file: string, dataSources: Record<string, string | null>): DataSourceName {
  const name = dataSourceOf(file, dataSources)
  if (name === null) throw new Error(`graphql/data-sources.json must give the step ${file} a data source, not null`)
  return name
}

function schemaFields(sdl: string): Set<string> {
  const fields = parse(sdl).definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION
      ? (definition.fields ?? []).map((field) => `${definition.name.value}.${field.name.value}`)
      : [],
  )
  return new Set(fields)
}

/** Bundles each file into one module, as APPSYNC_JS has no imports but its own, and not minified, as the console shows it. */
export function bundleResolvers(files: string[], inputRules: unknown): (file: string) => string {
  const { outputFiles } = buildSync({
    entryPoints: files.map((file) => join(GRAPHQL_FOLDER, 'resolvers', `${basename(file, '.ts')}${EXTENSION}`)),
    outdir: GRAPHQL_FOLDER,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'esnext',
    platform: 'neutral',
    charset: 'utf8',
    external: ['@aws-appsync/utils', '@aws-appsync/utils/*'],
    define: { AGENT_INPUT_RULES: JSON.stringify(inputRules) },
    logLevel: 'silent',
  })
  return (file) => {
    const output = outputFiles.find(({ path }) => basename(path) === file.replace(/\.ts$/, '.js'))
    if (!output) throw new Error(`esbuild made no output of graphql/resolvers/${file}`)
    if (output.contents.byteLength > MAX_CODE_BYTES) {
      throw new Error(
        `graphql/resolvers/${file} must have at most ${MAX_CODE_BYTES} bytes when bundled, which is what AppSync takes, got ` +
          `${output.contents.byteLength}. What agents take as input is part of Mutation.createAgentJob: describe it in fewer fields, ` +
          'or give some agents a stack of their own',
      )
    }
    return output.text
  }
}
