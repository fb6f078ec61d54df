#!/usr/bin/env bash
# Checks the OpenAPI document with public tools: a validator, and a client made from it by a generator.
#
# In: nothing; needs python3, node and npm, and installs the tools from PyPI and npm into a temporary
# folder (or the one given as the first argument, to keep them). Out: exit status 0 if the validator
# finds 0 errors and the generated client compiles. Takes minutes: not one of the offline tests.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# -gt 0 ]; then
    mkdir -p "$1"
    folder=$(cd "$1" && pwd)
else
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
document=$folder/openapi.json
cargo run -q -p wechatpay-codegen -- openapi > "$document"

echo "== openapi-spec-validator"
[ -d "$folder/venv" ] || python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q 'openapi-spec-validator==0.7.*'
"$folder/venv/bin/openapi-spec-validator" --errors all "$document"

echo "== openapi-typescript, openapi-fetch, tsc --strict"
cd "$folder"
cat > package.json <<'JSON'
{ "private": true, "type": "module" }
JSON
npm install --silent --no-audit --no-fund openapi-typescript@7 openapi-fetch@0 typescript@5
npx openapi-typescript openapi.json -o schema.d.ts
cat > client.ts <<'TS'
import createClient from "openapi-fetch";
import type { paths, webhooks } from "./schema.js";

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
export const used: [string | undefined, string | undefined, Paid | undefined] = [prepay, code, undefined];
TS
npx tsc --noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext client.ts
# A missing required field must not compile.
sed 's/amount: { total: 1 }, //' client.ts > wrong.ts
if npx tsc --noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext wrong.ts > /dev/null; then
    echo "a request without its required amount compiles" >&2
    exit 1
fi
echo "== all is well"
