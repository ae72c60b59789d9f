import { type RemovalPolicy, Validations } from 'aws-cdk-lib'
import { AccountRecovery, Mfa, UserPool, UserPoolClient, UserPoolGroup } from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'

/** Who may submit jobs: a user pool, its app client, and the group that sees the jobs of all. */
export class JobUsers extends Construct {
  readonly pool: UserPool
  readonly client: UserPoolClient

  constructor(scope: Construct, id: string, props: { removalPolicy: RemovalPolicy }) {
    super(scope, id)
    this.pool = new UserPool(this, 'UserPool', {
      signInAliases: { email: true },
      // Each job costs money: whoever runs the stack says who may sign in.
      selfSignUpEnabled: false,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      removalPolicy: props.removalPolicy,
    })
    Validations.of(this.pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason: 'MFA is offered, not forced: scripts and test users sign in by password alone.',
      },
      { id: 'AwsSolutions-COG8', reason: 'The Plus plan is paid for per user; an owner who wants it turns it on.' },
    )
    this.client = new UserPoolClient(this, 'Client', {
      userPool: this.pool,
      // SRP for browsers; the password flow for scripts and tests.
      authFlows: { userSrp: true, userPassword: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
    })
    // The resolvers know admins by this name.
    new UserPoolGroup(this, 'Admins', { userPool: this.pool, groupName: 'admins', description: 'See all jobs.' })
  }
}
