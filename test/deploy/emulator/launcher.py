"""Starts MiniStack with recorders for the CloudFormation types that it does not know.

A recorder creates nothing and validates nothing: it writes what CloudFormation asked for to the file named by RECORD_FILE, one JSON object a
line. It proves the order, the references and the properties of what would be made, and not that AWS takes it.
"""
import json
import os
import signal
import sys
import threading
import uuid

import ministack.app as app
import ministack.services.eventbridge as eventbridge
import ministack.services.lambda_svc as lambda_svc
import ministack.services.s3 as s3
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
        physical_id = make_id(logical_id, stack_name)
        record('create', resource_type, physical_id, properties)
        return physical_id, attributes(physical_id)

    def update(physical_id, old, new, stack_name, *_, **__):
        record('update', resource_type, physical_id, new)
        return physical_id, attributes(physical_id)

    def delete(physical_id, properties, *_, **__):
        record('delete', resource_type, physical_id, properties)

    return dict(create=create, update=update, delete=delete)


def alarm_arn(logical_id, stack_name):
    return f'arn:aws:cloudwatch:{os.environ["MINISTACK_REGION"]}:{ACCOUNT}:alarm:{stack_name}-{logical_id}'


HANDLERS.setdefault('AWS::CloudWatch::CompositeAlarm', recorder('AWS::CloudWatch::CompositeAlarm', alarm_arn, lambda i: dict(Arn=i)))
HANDLERS.setdefault('AWS::Logs::QueryDefinition', recorder(
    'AWS::Logs::QueryDefinition', lambda logical_id, stack_name: str(uuid.uuid4()), lambda i: dict(QueryDefinitionId=i)))


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


def end_with_the_tests():
    """The tests hold the other end of standard input; when it closes they are gone, however they ended."""
    def wait():
        sys.stdin.buffer.read()
        os.killpg(os.getpid(), signal.SIGKILL)  # the functions too

    threading.Thread(target=wait, daemon=True).start()


end_with_the_tests()
record_expression_alarms()
repeat_failed_requests()
delete_after_failed_creation()
keep_bucket_tags()
keep_full_buckets()
let_tests_speak_for_aws()
app.main()
