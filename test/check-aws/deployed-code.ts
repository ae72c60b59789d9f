import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { synthesize } from '@agent-jobs/local-cloud/cloudformation'
import { localApp } from '../../local/start-local.ts'

interface Resource {
  Type: string
  Properties: Record<string, string>
}

/** What `cdk deploy` would give to AppSync: the schema, and each code by `<Type>.<field>`, or `<Type>.<field>.<step>`. */
export interface DeployedCode {
  schema: string
  codes: Map<string, string>
}

export async function readDeployedCode(): Promise<DeployedCode> {
  const assembly = await synthesize(localApp())
  const file = readdirSync(assembly).find((each) => each.endsWith('.template.json'))
  if (!file) throw new Error(`${assembly} holds no template`)
  const { Resources } = JSON.parse(readFileSync(join(assembly, file), 'utf8')) as {
    Resources: Record<string, Resource>
  }
  const of = (type: string) =>
    Object.values(Resources).flatMap(({ Type, Properties }) => (Type === `AWS::AppSync::${type}` ? [Properties] : []))
  const resolvers = of('Resolver')
  const codes = new Map(resolvers.map(({ TypeName, FieldName, Code }) => [`${TypeName}.${FieldName}`, Code as string]))
  for (const { Name = '', Code = '' } of of('FunctionConfiguration')) {
    const [field, step] = Name.split('_')
    const resolver = resolvers.find(({ FieldName }) => FieldName === field)
    codes.set(`${resolver?.TypeName}.${field}.${step}`, Code)
  }
  return { schema: of('GraphQLSchema')[0]?.Definition ?? '', codes }
}
