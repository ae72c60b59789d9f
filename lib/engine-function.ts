import { type Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, type Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

export interface JobFunctionProps {
  readonly description: string
  readonly code: Code
  readonly timeout: Duration
  readonly memorySize: number
  readonly logRetention: RetentionDays
  readonly environment: Record<string, string>
  readonly reservedConcurrentExecutions?: number
}

/** A Lambda function of the engine, whose role may do nothing at first but write its own log. */
export class JobFunction extends LambdaFunction {
  readonly executionRole: Role

  constructor(scope: Construct, id: string, { logRetention, environment, ...props }: JobFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY })
    // The role that CDK makes has a managed policy, which lets it write every log of the account.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    super(scope, id, {
      ...props,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      environment: { NODE_OPTIONS: '--enable-source-maps', POWERTOOLS_SERVICE_NAME: 'agent-jobs', ...environment },
    })
    this.executionRole = role
  }

  /** Adds actions on exactly this resource, where the grant methods of CDK would add more than is used. */
  allow(resourceArn: string, ...actions: string[]): void {
    Grant.addToPrincipal({ grantee: this, actions, resourceArns: [resourceArn] })
  }
}
