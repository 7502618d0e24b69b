"""Tasks of Step Functions that call Athena, which the emulator does not know: they go to where AWS_ENDPOINT_URL_ATHENA says.

A query that fails ends its task with `States.TaskFailed` and tells of itself as the cause. See
https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html.
"""
import json
import os
import time
import urllib.error
import urllib.request
import uuid

import ministack.services.stepfunctions as stepfunctions
from ministack.core.responses import get_region

INTEGRATION = 'arn:aws:states:::athena:'
ENDED = ('SUCCEEDED', 'FAILED', 'CANCELLED')
LOOKS_EVERY_SECONDS = 0.02


def call(operation, parameters):
    """One call, in the protocol JSON 1.1."""
    request = urllib.request.Request(os.environ['AWS_ENDPOINT_URL_ATHENA'], json.dumps(parameters).encode(), {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': f'AmazonAthena.{operation}',
        'authorization': f'AWS4-HMAC-SHA256 Credential=test/20260101/{get_region()}/athena/aws4_request',
    })
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        refusal = json.load(error)
        raise stepfunctions._ExecutionError(f'Athena.{refusal["__type"]}', refusal.get('Message', '')) from error


def start_and_wait(resource, parameters):
    started = call('StartQueryExecution', {'ClientRequestToken': str(uuid.uuid4()), **parameters})
    while True:
        query = call('GetQueryExecution', started)
        status = query['QueryExecution']['Status']
        if status['State'] == 'SUCCEEDED':
            return query
        if status['State'] in ENDED:
            raise stepfunctions._ExecutionError('States.TaskFailed', json.dumps(query['QueryExecution']))
        time.sleep(LOOKS_EVERY_SECONDS)


def add():
    """Has the emulator take these tasks, if there is somebody to answer them."""
    if 'AWS_ENDPOINT_URL_ATHENA' in os.environ:
        stepfunctions._SERVICE_DISPATCH[f'{INTEGRATION}startQueryExecution'] = start_and_wait
        stepfunctions._SERVICE_DISPATCH[f'{INTEGRATION}getQueryResults'] = lambda resource, parameters: call('GetQueryResults', parameters)
