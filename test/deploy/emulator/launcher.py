"""Starts MiniStack with recorders for the CloudFormation types that it does not know.

A recorder creates nothing: it writes what CloudFormation asked for to the file named by RECORD_FILE, one JSON object a line. It proves the
order, the references and the properties of what would be made, and not that AWS takes it. A strict recorder refuses what the resource schema
of CloudFormation does not allow, and names that are taken.
"""
import json
import os
import signal
import sys
import threading
import uuid

import athena_tasks
import ministack.app as app
import ministack.services.eventbridge as eventbridge
import ministack.services.iam as iam
import ministack.services.lambda_svc as lambda_svc
import ministack.services.s3 as s3
from ministack.core.responses import get_region
from ministack.services.cloudformation import custom_resource, provisioners

RECORD_FILE = os.environ['RECORD_FILE']
ACCOUNT = os.environ['MINISTACK_ACCOUNT_ID']
HANDLERS = provisioners._RESOURCE_HANDLERS


def record(operation, resource_type, physical_id, properties):
    with open(RECORD_FILE, 'a') as file:
        file.write(json.dumps(dict(operation=operation, type=resource_type, id=physical_id, properties=properties), default=str) + '\n')


def recorder(resource_type, make_id, attributes):
    """The three operations of a resource type that is only recorded."""
    def create(logical_id, properties, stack_name):
        physical_id = make_id(logical_id, stack_name, properties)
        record('create', resource_type, physical_id, properties)
        return physical_id, attributes(physical_id)

    def update(physical_id, old, new, stack_name, *_, **__):
        record('update', resource_type, physical_id, new)
        return physical_id, attributes(physical_id)

    def delete(physical_id, properties, *_, **__):
        record('delete', resource_type, physical_id, properties)

    return dict(create=create, update=update, delete=delete)


def schema_of(resource_type):
    """The resource schema of CloudFormation, as cfn-lint ships it."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # takes a second, which most tests need not wait
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema(get_region(), resource_type).schema


def refuse_invalid(resource_type, properties):
    """CloudFormation checks properties, with all references resolved, before it asks the service."""
    from cfnlint.jsonschema import StandardValidator
    problems = [f'{"/".join(map(str, error.path))}: {error.message}' for error in
                StandardValidator(schema=schema_of(resource_type)).iter_errors(properties)]
    if problems:
        raise RuntimeError(f'Properties validation failed: {"; ".join(problems)}')


def value_at(properties, path):
    """What stands at a path such as `Budget/BudgetName`, or None."""
    for name in path.split('/'):
        properties = properties.get(name) if isinstance(properties, dict) else None
    return properties


def strict_recorder(resource_type, name_path, make_id, attributes, of_account=False):
    """A recorder that knows which names are taken, and makes another resource, before the old one is deleted, where CloudFormation would.

    The name of what belongs to the account as a whole is taken in every Region. Without a path to it, names may be shared.
    """
    recorded = recorder(resource_type, make_id, attributes)
    holders = {}

    def place_of(properties):
        return '' if of_account else get_region(), name_path and value_at(properties, name_path)

    def release(physical_id):
        for place in [place for place, holder in holders.items() if holder == physical_id]:
            del holders[place]

    def refuse_taken(properties, physical_id=None):
        if name_path is None:
            return
        place = place_of(properties)
        if holders.get(place, physical_id) != physical_id:
            raise RuntimeError(f'ConflictException: the name {place[1]} is taken')

    def create(logical_id, properties, stack_name):
        refuse_invalid(resource_type, properties)
        refuse_taken(properties)
        physical_id, made = recorded['create'](logical_id, properties, stack_name)
        holders[place_of(properties)] = physical_id
        return physical_id, made

    def update(physical_id, old, new, stack_name, logical_id):
        create_only = [pointer.removeprefix('/properties/') for pointer in schema_of(resource_type).get('createOnlyProperties', [])]
        if any(value_at(old, path) != value_at(new, path) for path in create_only):
            return create(logical_id, new, stack_name)
        refuse_invalid(resource_type, new)
        refuse_taken(new, physical_id)
        release(physical_id)
        holders[place_of(new)] = physical_id
        return recorded['update'](physical_id, old, new, stack_name)

    def delete(physical_id, properties, *_, **__):
        release(physical_id)
        recorded['delete'](physical_id, properties)

    return dict(create=create, update=update, update_with_logical_id=True, delete=delete)


def profile_arn(logical_id, stack_name, properties):
    return f'arn:aws:bedrock:{get_region()}:{ACCOUNT}:application-inference-profile/{uuid.uuid4().hex[:12]}'


def project_arn(logical_id, stack_name, properties):
    return f'arn:aws:bedrock-mantle:{get_region()}:{ACCOUNT}:project/proj_{uuid.uuid4().hex[:20]}'


def last_part(arn):
    return arn.rsplit('/', 1)[1]


def alarm_arn(logical_id, stack_name, properties):
    return f'arn:aws:cloudwatch:{os.environ["MINISTACK_REGION"]}:{ACCOUNT}:alarm:{stack_name}-{logical_id}'


HANDLERS.setdefault('AWS::CloudWatch::CompositeAlarm', recorder('AWS::CloudWatch::CompositeAlarm', alarm_arn, lambda i: dict(Arn=i)))
HANDLERS.setdefault('AWS::Logs::QueryDefinition', recorder(
    'AWS::Logs::QueryDefinition', lambda logical_id, stack_name, properties: str(uuid.uuid4()), lambda i: dict(QueryDefinitionId=i)))

HANDLERS.setdefault('AWS::Bedrock::ApplicationInferenceProfile', strict_recorder(
    'AWS::Bedrock::ApplicationInferenceProfile', 'InferenceProfileName', profile_arn,
    lambda i: dict(InferenceProfileArn=i, InferenceProfileId=last_part(i), InferenceProfileIdentifier=i)))
HANDLERS.setdefault('AWS::Athena::NamedQuery', strict_recorder(
    'AWS::Athena::NamedQuery', None, lambda logical_id, stack_name, properties: str(uuid.uuid4()), lambda i: dict(NamedQueryId=i)))
HANDLERS.setdefault('AWS::BedrockMantle::Project', strict_recorder(
    'AWS::BedrockMantle::Project', 'Name', project_arn, lambda i: dict(Arn=i, Id=last_part(i))))


def billing_arn(service, resource):
    """Ids of what belongs to the account: costs know no Region."""
    return lambda logical_id, stack_name, properties: f'arn:aws:{service}::{ACCOUNT}:{resource}/{uuid.uuid4()}'


HANDLERS.setdefault('AWS::BCMDataExports::Export', strict_recorder(
    'AWS::BCMDataExports::Export', 'Export/Name',
    lambda logical_id, stack_name, properties: f'arn:aws:bcm-data-exports:us-east-1:{ACCOUNT}:export/{uuid.uuid4()}',
    lambda i: dict(ExportArn=i), of_account=True))
HANDLERS.setdefault('AWS::Budgets::Budget', strict_recorder(
    'AWS::Budgets::Budget', 'Budget/BudgetName', lambda logical_id, stack_name, properties: properties['Budget']['BudgetName'],
    lambda i: dict(Id=str(uuid.uuid4())), of_account=True))
HANDLERS.setdefault('AWS::Budgets::BudgetsAction', recorder(
    'AWS::Budgets::BudgetsAction', lambda logical_id, stack_name, properties: str(uuid.uuid4()), lambda i: dict(ActionId=i)))
HANDLERS.setdefault('AWS::CE::CostCategory', strict_recorder(
    'AWS::CE::CostCategory', 'Name', billing_arn('ce', 'costcategory'), lambda i: dict(Arn=i), of_account=True))
HANDLERS.setdefault('AWS::CE::AnomalyMonitor', strict_recorder(
    'AWS::CE::AnomalyMonitor', 'MonitorName', billing_arn('ce', 'anomalymonitor'), lambda i: dict(MonitorArn=i), of_account=True))
HANDLERS.setdefault('AWS::CE::AnomalySubscription', strict_recorder(
    'AWS::CE::AnomalySubscription', 'SubscriptionName', billing_arn('ce', 'anomalysubscription'), lambda i: dict(SubscriptionArn=i), of_account=True))
HANDLERS.setdefault('AWS::Organizations::Policy', strict_recorder(
    'AWS::Organizations::Policy', 'Name', lambda logical_id, stack_name, properties: f'p-{uuid.uuid4().hex[:8]}',
    lambda i: dict(Id=i, Arn=f'arn:aws:organizations::{ACCOUNT}:policy/o-example/service_control_policy/{i}'), of_account=True))


def make_groups():
    """The emulator has groups, but CloudFormation in it does not make them. As on AWS, only empty ones can be deleted."""
    def call(operation, **parameters):
        status, _, body = operation(parameters)
        if status >= 400:
            raise RuntimeError(body)

    def create(logical_id, properties, stack_name):
        name = properties.get('GroupName') or provisioners._physical_name(stack_name, logical_id)
        call(iam._create_group, GroupName=name)
        return name, dict(Arn=iam._groups[name]['Arn'])

    def delete(name, properties, *_, **__):
        if iam._groups[name]['Users'] or iam._groups[name]['AttachedPolicies'] or iam._group_inline_policies.get(name):
            raise RuntimeError(f'DeleteConflict: Cannot delete entity, must remove users and policies from group {name} first.')
        call(iam._delete_group, GroupName=name)

    HANDLERS.setdefault('AWS::IAM::Group', dict(create=create, delete=delete))


def keep_boundaries_of_roles():
    """The emulator takes the boundary of a role by its API, and drops that of a template."""
    role = HANDLERS['AWS::IAM::Role']
    create, update = role['create'], role['update']

    def bound(result, properties):
        iam._roles[result[0]]['PermissionsBoundary'] = properties.get('PermissionsBoundary')
        return result

    role['create'] = lambda logical_id, properties, stack_name: bound(create(logical_id, properties, stack_name), properties)
    role['update'] = lambda physical_id, old, new, *rest: bound(update(physical_id, old, new, *rest), new)


def refuse_large_policies():
    """IAM counts the characters of policies, without white space; the emulator takes any number.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length.
    """
    def characters(document):
        return len(json.dumps(document, separators=(',', ':')))

    def refuse(what, count, limit):
        if count > limit:
            raise RuntimeError(f'LimitExceeded: {what} has {count} characters, and {limit} are allowed')

    def check_role(properties):
        refuse('the trust policy', characters(properties['AssumeRolePolicyDocument']), 2048)
        refuse('the sum of inline policies', sum(characters(policy['PolicyDocument']) for policy in properties.get('Policies', [])), 10240)

    def check_managed_policy(properties):
        refuse('the managed policy', characters(properties['PolicyDocument']), 6144)

    def check_first(resource_type, check):
        handler = HANDLERS[resource_type]
        create, update = handler['create'], handler['update']

        def create_checked(logical_id, properties, stack_name):
            check(properties)
            return create(logical_id, properties, stack_name)

        def update_checked(physical_id, old, new, *rest):
            check(new)
            return update(physical_id, old, new, *rest)

        handler.update(create=create_checked, update=update_checked)

    check_first('AWS::IAM::Role', check_role)
    check_first('AWS::IAM::ManagedPolicy', check_managed_policy)


def record_expression_alarms():
    """An alarm on an expression is refused by the emulator, which knows alarms on one metric only."""
    alarm = HANDLERS['AWS::CloudWatch::Alarm']
    recorded = recorder('AWS::CloudWatch::Alarm', alarm_arn, lambda i: dict(Arn=i))
    create, delete = alarm['create'], alarm['delete']

    def create_or_record(logical_id, properties, stack_name):
        return (recorded['create'] if 'Metrics' in properties else create)(logical_id, properties, stack_name)

    def delete_or_record(physical_id, properties, *rest, **named):
        return (recorded['delete'] if 'Metrics' in properties else delete)(physical_id, properties, *rest, **named)

    alarm.update(create=create_or_record, delete=delete_or_record)


def keep_bucket_tags():
    """The tags of a bucket are otherwise dropped, and the function that empties buckets looks for one."""
    bucket = HANDLERS['AWS::S3::Bucket']
    create = bucket['create']

    def create_tagged(logical_id, properties, stack_name):
        result = create(logical_id, properties, stack_name)
        record('create', 'AWS::S3::Bucket', result[0], properties)
        if properties.get('Tags'):
            s3._bucket_tags[result[0]] = {tag['Key']: str(tag['Value']) for tag in properties['Tags']}
        return result

    bucket['create'] = create_tagged


def keep_full_buckets():
    """CloudFormation deletes only empty buckets; the emulator deletes them with what is in them."""
    bucket = HANDLERS['AWS::S3::Bucket']
    delete = bucket['delete']

    def delete_empty(physical_id, properties, *rest, **named):
        if s3._buckets.get(physical_id, {}).get('objects') or s3._bucket_has_versions(physical_id):
            raise RuntimeError(f'The bucket you tried to delete is not empty: {physical_id}')
        return delete(physical_id, properties, *rest, **named)

    bucket['delete'] = delete_empty


def let_tests_speak_for_aws():
    """Events of AWS itself, as CloudTrail sends them, may be put by nobody else; here the tests are AWS."""
    eventbridge._put_events.__defaults__ = (True,)


def repeat_failed_requests():
    """CloudFormation invokes functions asynchronously, and Lambda repeats such an invocation twice when it fails; the emulator does not."""
    execute = lambda_svc._execute_function_with_config_scope

    def execute_repeatedly(record, event, *rest, **named):
        for _ in range(3 if isinstance(event, dict) and 'ResponseURL' in event else 1):
            result = execute(record, event, *rest, **named)
            if not (isinstance(result, dict) and result.get('error')):
                break
        return result

    lambda_svc._execute_function_with_config_scope = execute_repeatedly


def delete_after_failed_creation():
    """CloudFormation has what failed to be created deleted, by the id in the answer or, without an answer, by one of its own.

    The emulator forgets it, and with it the request in which a handler that is not careful deletes what somebody else has made. See
    https://github.com/aws/aws-cdk/pull/5525 and https://repost.aws/knowledge-center/best-practices-custom-cf-lambda.
    """
    invoke, deliver = custom_resource.invoke_custom_resource, custom_resource.deliver_response
    ids = {}

    def deliver_and_remember(token, response):
        ids[response.get('StackId'), response.get('LogicalResourceId')] = response.get('PhysicalResourceId')
        return deliver(token, response)

    def invoke_and_delete(request_type, logical_id, properties, stack_name, stack_id, *rest, **named):
        ids.pop((stack_id, logical_id), None)
        try:
            return invoke(request_type, logical_id, properties, stack_name, stack_id, *rest, **named)
        except Exception as failure:
            if request_type != 'Create':
                raise
            named['physical_id'] = ids.get((stack_id, logical_id)) or f'{stack_name}-{logical_id}-{uuid.uuid4().hex[:12]}'
            try:
                invoke('Delete', logical_id, properties, stack_name, stack_id, *rest, **named)
            except Exception as another:
                raise RuntimeError(f'{failure}; on AWS the rollback would fail now: {another}') from another
            raise

    custom_resource.deliver_response = deliver_and_remember
    custom_resource.invoke_custom_resource = invoke_and_delete


def give_variables_to_functions():
    """What a function is told by a variable that a test has another value for: the address of something that is no service of AWS."""
    function = HANDLERS['AWS::Lambda::Function']
    given = json.loads(os.environ.get('FUNCTION_VARIABLES', '{}'))

    def told(properties):
        variables = properties.get('Environment', {}).get('Variables', {})
        known = {name: value for name, value in given.items() if name in variables}
        return {**properties, 'Environment': {'Variables': {**variables, **known}}} if known else properties

    create, update = function['create'], function['update']
    function['create'] = lambda logical_id, properties, *rest, **named: create(logical_id, told(properties), *rest, **named)
    function['update'] = lambda physical_id, old, new, *rest, **named: update(physical_id, told(old), told(new), *rest, **named)


def end_with_the_tests():
    """The tests hold the other end of standard input; when it closes they are gone, however they ended."""
    def wait():
        sys.stdin.buffer.read()
        os.killpg(os.getpid(), signal.SIGKILL)  # the functions too

    threading.Thread(target=wait, daemon=True).start()


end_with_the_tests()
make_groups()
keep_boundaries_of_roles()
refuse_large_policies()
record_expression_alarms()
repeat_failed_requests()
delete_after_failed_creation()
keep_bucket_tags()
keep_full_buckets()
let_tests_speak_for_aws()
give_variables_to_functions()
athena_tasks.add()
app.main()
