#!/usr/bin/env bash
# Checks the OpenAPI document with public tools: a validator, a linter, and clients made from it by generators
# of two languages.
#
# In: nothing; needs python3, node and npm, and installs the tools from PyPI and npm into a temporary
# folder (or the one given as the first argument, to keep them). Out: exit status 0 if validator and linter
# find no error, every operation is generated in both languages, and both clients compile. Takes about four
# minutes, and fails if one tool takes more than ten (LIMIT, in seconds). Not one of the offline tests.
#
# What is not checked, because the tools cannot do it:
# - openapi-python-client makes no functions from `webhooks`; their bodies and clear resources are components,
#   so it makes models of them, as for all components.
# - Neither generator signs, verifies or decrypts: OpenAPI has no words for it.
# - Both know JSON only. For Python, `application/xml` is read as JSON, so that bodies of APIv2 become models;
#   TypeScript has their types.
# - Rules of redocly that the document cannot keep are in `redocly.yaml`, each with its reason.
set -euo pipefail
cd "$(dirname "$0")/../.."
tests=$PWD/codegen/tests

if [ $# -gt 0 ]; then
    mkdir -p "$1"
    folder=$(cd "$1" && pwd)
else
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
bounded() { timeout "${LIMIT:-600}" "$@"; }
export REDOCLY_TELEMETRY=off npm_config_update_notifier=false

cargo run -q -p wechatpay-codegen -- openapi > "$folder/openapi.json"
cd "$folder"
operations=$(python3 -c '
import json
paths = json.load(open("openapi.json"))["paths"].values()
print(sum(len(item) for item in paths))')
echo "$operations operations"

[ -d venv ] || python3 -m venv venv
bounded venv/bin/pip install -q 'openapi-spec-validator==0.7.*' 'openapi-python-client==0.29.*'
cat > package.json <<'JSON'
{ "private": true, "type": "module" }
JSON
bounded npm install --silent --no-audit --no-fund @redocly/cli@2.20.0 openapi-typescript@7 openapi-fetch@0 typescript@5

# Fails unless the client of language $1 has $2 operations.
complete() {
    echo "$1: $2 of $operations operations"
    [ "$2" -eq "$operations" ]
}

echo "== openapi-spec-validator"
bounded venv/bin/openapi-spec-validator --errors all openapi.json

echo "== redocly lint"
bounded npx redocly lint openapi.json --config "$tests/redocly.yaml"

echo "== openapi-python-client, compileall, import"
cat > python.yaml <<'YAML'
content_type_overrides:
  application/xml: application/json
post_hooks: []
YAML
rm -rf wechatpay
bounded venv/bin/openapi-python-client generate --path openapi.json --output-path wechatpay --meta none --config python.yaml > python.log
# What it leaves out is a warning of its own.
cat python.log
complete Python "$(find wechatpay/api -mindepth 2 -name '*.py' ! -name __init__.py | wc -l)"
bounded venv/bin/python -m compileall -q wechatpay
bounded venv/bin/python - <<'PY'
import importlib, pathlib
for module in sorted(pathlib.Path("wechatpay/api").rglob("*.py")):
    importlib.import_module(".".join(module.with_suffix("").parts))
# An operation of each protocol, the body of a webhook, and its clear resource.
from wechatpay.api.pay import v3_pay_transactions_jsapi_post as jsapi
from wechatpay.api.v2_pay import v2_pay_unifiedorder_post as unifiedorder
from wechatpay.models import V2PayUnifiedorderPostBody as XmlBody, V3PayTransactionsJsapiPostBody as Body
from wechatpay.models import WebhookV3TransactionSuccessNotification as Notification
from wechatpay.models import WebhookV3TransactionSuccessResource as Resource
body = Body.from_dict({
    "appid": "wx", "mchid": "1", "description": "d", "out_trade_no": "n", "notify_url": "https://example.com/",
    "amount": {"total": 1}, "payer": {"openid": "o"},
})
assert body.to_dict()["amount"] == {"total": 1}, body
assert callable(jsapi.sync) and callable(unifiedorder.sync) and XmlBody and Notification and Resource
PY

echo "== openapi-typescript, openapi-fetch, tsc --strict"
bounded npx openapi-typescript openapi.json -o schema.d.ts
complete TypeScript "$(sed -n '/^export interface operations {/,/^}/p' schema.d.ts | grep -cE '^    (v2|v3|brand)_[a-z0-9_]*: \{$')"
cat > client.ts <<'TS'
import createClient from "openapi-fetch";
import type { components, paths, webhooks } from "./schema.js";

const client = createClient<paths>({ baseUrl: "https://api.mch.weixin.qq.com" });
const { data, error } = await client.POST("/v3/pay/transactions/jsapi", {
  params: { header: { "Wechatpay-Serial": "PUB_KEY_ID_0" } },
  body: {
    appid: "wx", mchid: "1", description: "d", out_trade_no: "n", notify_url: "https://example.com/",
    amount: { total: 1 }, payer: { openid: "o" },
    // An enumeration is open: a value that no page knows yet is accepted.
    limit_pay: ["no_credit", "a_value_of_tomorrow"],
  },
});
const prepay: string | undefined = data?.prepay_id;
const code: string | undefined = error?.code;
type Paid = webhooks["TRANSACTION.SUCCESS"]["post"];
type Clear = components["schemas"]["WebhookV3TransactionSuccess_Resource"];
export const used: [string | undefined, string | undefined, Paid | undefined, Clear["trade_state"] | undefined] =
  [prepay, code, undefined, undefined];
TS
bounded npx tsc --noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext client.ts
# A missing required field must not compile.
sed 's/amount: { total: 1 }, //' client.ts > wrong.ts
if bounded npx tsc --noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext wrong.ts > /dev/null; then
    echo "a request without its required amount compiles" >&2
    exit 1
fi
echo "== all is well"
