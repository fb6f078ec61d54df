"""PyPI wechatpayv3: APIv3 with the public key, or with downloaded certificates."""
import gzip, hashlib, json

import wechatpayv3.core
from steps import MODE, OPENID, TODAY, URL, Receiver, conf, control, number, read, step
from wechatpayv3 import WeChatPay, WeChatPayType

# The client has its host built in.
wechatpayv3.core.Core._gate_way = property(lambda self: URL, lambda self, value: None)


def accept(path, headers, body):
    result = client.callback(headers, body)
    if result is None:
        raise Exception("callback() returned None: not verified, or not decrypted")
    return result


hook = Receiver(accept)
settings = dict(
    wechatpay_type=WeChatPayType.JSAPI, mchid=conf["mchid"], private_key=read("private_key"),
    cert_serial_no=conf["serial_no"], appid=conf["appid"], apiv3_key=conf["api_v3_key"],
    notify_url=hook.url + "/default")
if MODE == "public-key":
    settings.update(public_key=read("public_key"), public_key_id=conf["public_key_id"])
client = step("construct", lambda: WeChatPay(**settings))


def well(response, status=200):
    code, body = response
    assert code == status, f"{code} {body}"
    return json.loads(body) if body else {}


def wrong(response):
    code, body = response
    assert code >= 400, f"accepted: {body}"
    return json.loads(body)["code"]


A, B, R, P, T = (number(prefix) for prefix in "ABRPT")
step("place", lambda: well(client.pay(
    "a thing", A, {"total": 1000, "currency": "CNY"}, payer={"openid": OPENID}, notify_url=hook.url + "/pay",
    settle_info={"profit_sharing": True}))["prepay_id"])
step("place native", lambda: well(client.pay(
    "a thing", B, {"total": 1}, pay_type=WeChatPayType.NATIVE, notify_url=hook.url + "/b"))["code_url"])
step("query", lambda: well(client.query(out_trade_no=A))["trade_state"])
step("close", lambda: well(client.close(B), 204))
step("the payer pays", lambda: control(f"orders/{A}/pay")["state"])
ID = (step("query when paid", lambda: well(client.query(out_trade_no=A))) or {}).get("transaction_id")
step("query by id", lambda: well(client.query(transaction_id=ID))["trade_state"])
step("notification of the payment", lambda: hook.wait("/pay")["resource"]["out_trade_no"] == A or 1 / 0)
step("refund", lambda: well(client.refund(
    R, {"refund": 10, "total": 1000, "currency": "CNY"}, out_trade_no=A, notify_url=hook.url + "/refund"))["status"])
step("refund query", lambda: well(client.query_refund(R))["status"])
step("the refund arrives", lambda: control(f"refunds/{R}/success")["state"])
step("notification of the refund", lambda: hook.wait("/refund")["resource"]["refund_status"])


def bill(ask, **options):
    told = well(ask(TODAY.strftime("%Y-%m-%d"), **options))
    code, content = client.download_bill(told["download_url"])
    content = content if isinstance(content, bytes) else content.encode()
    plain = gzip.decompress(content) if options else content
    assert code == 200 and hashlib.sha1(plain).hexdigest() == told["hash_value"].lower(), content[:80]
    return len(plain)


step("trade bill", lambda: bill(client.trade_bill, tar_type="GZIP"))
step("fund bill", lambda: bill(client.fundflow_bill, tar_type="GZIP"))
image = "/tmp/sandbox-foreign.png"
open(image, "wb").write(b"\x89PNG\r\n\x1a\n0000")
step("upload", lambda: well(client.image_upload(image, "a.png"))["media_id"])
step("add a receiver, encrypted", lambda: well(client.profitsharing_add_receiver(
    "PERSONAL_OPENID", OPENID, "STAFF", name="张三"))["account"])
receivers = [{"type": "PERSONAL_OPENID", "account": OPENID, "name": "张三", "amount": 10, "description": "part"}]
step("share", lambda: well(client.profitsharing_order(ID, P, receivers, False))["state"])
step("share query", lambda: well(client.profitsharing_order_query(ID, P))["state"])
infos = [{"info_type": "活动名称", "info_content": "x"}, {"info_type": "奖励说明", "info_content": "y"}]
step("transfer, encrypted", lambda: well(client.mch_transfer_bills(
    T, "1000", OPENID, 200000, "thanks", user_name="李四", transfer_scene_report_infos=infos,
    notify_url=hook.url + "/transfer"))["state"])
step("the user confirms", lambda: control(f"transfers/{T}/confirm")["facts"]["state"])
step("notification of the transfer", lambda: hook.wait("/transfer")["resource"]["state"])
parts = [{"mchid": conf["mchid"], "attach": "a", "amount": {"total_amount": 10, "currency": "CNY"},
          "out_trade_no": number("S"), "description": "a thing"} for _ in range(2)]
step("combined", lambda: well(client.combine_pay(number("C"), parts, combine_payer_info={"openid": OPENID})))
step("error: no such order", lambda: wrong(client.query(out_trade_no="NOSUCHORDER")))
step("error: refund too much", lambda: wrong(client.refund(
    number("R"), {"refund": 2000, "total": 1000, "currency": "CNY"}, out_trade_no=A)))


def forged():
    control("faults", {"fault": "wrong-signature"})
    try:
        client.query(out_trade_no=A)
    except Exception as error:
        return type(error).__name__
    raise Exception("the client accepts it")


step("a forged response is refused", forged)
if MODE == "certificate":
    step("the certificate changes", lambda: (
        control("rotate"), control("rotate/activate"), well(client.query(out_trade_no=A))["trade_state"]))
