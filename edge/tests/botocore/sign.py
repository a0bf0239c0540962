"""Signs what it is told on standard input, one JSON object a line, with botocore; one JSON object a line out.

A case with "expires" gives {"url"}: a presigned PUT or GET by botocore's client, addressing of the bucket included. One
without gives {"headers"}: those that botocore's signer adds to a request of this URL.
"""

import datetime
import json
import sys

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.session

now = datetime.datetime(1970, 1, 1)
# botocore asks for the time in one place only.
botocore.auth.get_current_datetime = lambda *_, **__: now

session = botocore.session.Session()
clients = {}


def client(case):
    """A client costs more than a signature: those that differ only in credentials and time are one."""
    key = (case["endpoint"], case["region"], case["addressing"])
    if key not in clients:
        config = botocore.config.Config(
            signature_version="s3v4",
            s3={"addressing_style": case["addressing"]},
            request_checksum_calculation="when_required",
        )
        clients[key] = session.create_client(
            "s3",
            endpoint_url=case["endpoint"],
            region_name=case["region"],
            aws_access_key_id=case["id"],
            aws_secret_access_key=case["secret"],
            config=config,
        )
    made = clients[key]
    made._request_signer._credentials = botocore.credentials.Credentials(case["id"], case["secret"], case["token"])
    return made


def sign(case):
    global now
    now = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=case["second"])
    if "expires" in case:
        parameters = {"Bucket": case["bucket"], "Key": case["key"], **case["parameters"]}
        url = client(case).generate_presigned_url(case["operation"], Params=parameters, ExpiresIn=case["expires"])
        return {"url": url}
    body = case["body"].encode() if case["body"] is not None else None
    request = botocore.awsrequest.AWSRequest(case["method"], case["url"], case["headers"], body)
    request.context["payload_signing_enabled"] = True
    credentials = botocore.credentials.Credentials(case["id"], case["secret"], case["token"])
    botocore.auth.S3SigV4Auth(credentials, "s3", case["region"]).add_auth(request)
    return {"headers": {name.lower(): value for name, value in request.headers.items()}}


for line in sys.stdin:
    print(json.dumps(sign(json.loads(line))))
