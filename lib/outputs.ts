import { CfnOutput, Stack } from 'aws-cdk-lib'
import { Construct } from 'constructs'

/** What a client, a command or a colleague must know to reach a set of agent jobs. */
export const OUTPUT_NAMES = [
  'GraphQLUrl',
  'RealtimeUrl',
  'UserPoolId',
  'UserPoolClientId',
  'ScriptClientId',
  'SignInForm',
  'IdentityPoolId',
  'Region',
  'AgentJobTableName',
  'AgentJobEventTableName',
  'ResultBucketName',
  'ModelId',
] as const
export type OutputName = (typeof OUTPUT_NAMES)[number]

/** The path of a construct in its stack, as one word. */
export function nameInStack(construct: Construct): string {
  const path = construct.node.path.slice(Stack.of(construct).node.path.length)
  return path.replace(/[^A-Za-z0-9]/g, '')
}

/**
 * The stack's outputs of one set of agent jobs. The key of each is the path of the construct in its stack and the name,
 * such as JobsGraphQLUrl, so that several sets have their own, and commands find them by the name at the end.
 */
export class JobOutputs extends Construct {
  private readonly outputs: ReadonlyMap<OutputName, CfnOutput>

  /** A value that is not there, such as a client that is not the construct's, is not put out. */
  constructor(scope: Construct, id: string, values: Record<OutputName, string | undefined>) {
    super(scope, id)
    const prefix = nameInStack(scope)
    this.outputs = new Map(
      OUTPUT_NAMES.flatMap((name) => {
        const value = values[name]
        return value === undefined ? [] : [[name, this.output(name, `${prefix}${name}`, value)]]
      }),
    )
  }

  /** For a stack that has nothing but agent jobs: its outputs are named without a prefix. */
  dropPrefix(): void {
    for (const [name, output] of this.outputs) output.overrideLogicalId(name)
  }

  private output(name: OutputName, key: string, value: string): CfnOutput {
    const output = new CfnOutput(this, name, { value })
    output.overrideLogicalId(key)
    return output
  }
}
