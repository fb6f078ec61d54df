"""PyPI wechatpy: APIv2, over HTTP and over TLS with the merchant's certificate."""
from steps import OPENID, TODAY, URL, Receiver, conf, control, number, step
from wechatpy.exceptions import WeChatPayException
from wechatpy.pay import WeChatPay

WeChatPay.API_BASE_URL = URL + "/"


def make(certificate=True):
    files = conf["files"] if certificate else {}
    client = WeChatPay(conf["appid"], conf["api_v2_key"], conf["mchid"],
                       mch_cert=files.get("certificate"), mch_key=files.get("private_key"))
    if URL.startswith("https"):
        client._http.verify, client._http.trust_env = conf["files"]["ca"], False
    return client


client = make()


def accept(path, headers, body):
    parse = client.parse_refund_notify_result if "refund" in path else client.parse_payment_result
    return parse(body.decode())


hook = Receiver(accept, b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>")


def well(fields):
    assert client.check_signature(fields), "the signature is wrong"
    return fields


def wrong(action):
    try:
        found = action()
    except WeChatPayException as error:
        return f"{error.return_code} {error.errcode}"
    raise Exception(f"accepted: {found}")


A, B, R = (number(prefix) for prefix in "ABR")
common = dict(client_ip="127.0.0.1")
step("place", lambda: well(client.order.create(
    "JSAPI", "a thing", 100, hook.url + "/pay", user_id=OPENID, out_trade_no=A, attach="a", **common))["prepay_id"])
step("place native", lambda: well(client.order.create(
    "NATIVE", "a thing", 1, hook.url + "/b", product_id="1", out_trade_no=B, **common))["code_url"])
step("place for a browser", lambda: well(client.order.create(
    "MWEB", "a thing", 1, hook.url + "/b", out_trade_no=number("C"),
    scene_info={"h5_info": {"type": "Wap", "wap_url": "https://x.example", "wap_name": "x"}}, **common))["mweb_url"])
step("code payment", lambda: well(client.micropay.create(
    "a thing", 1, "134567890123456789", out_trade_no=number("M"), **common))["transaction_id"])
step("query", lambda: well(client.order.query(out_trade_no=A))["trade_state"])
step("close", lambda: well(client.order.close(B))["result_code"])
step("the payer pays", lambda: control(f"orders/{A}/pay")["state"])
step("notification of the payment", lambda: hook.wait("/pay")["out_trade_no"] == A or 1 / 0)
ID = (step("query when paid", lambda: well(client.order.query(out_trade_no=A))) or {}).get("transaction_id")
step("query by id", lambda: well(client.order.query(transaction_id=ID))["trade_state"])
if URL.startswith("https"):
    step("error: refund without a certificate", lambda: wrong(
        lambda: make(False).refund.apply(100, 10, number("R"), out_trade_no=A)))
step("refund", lambda: well(client.refund.apply(
    100, 10, R, out_trade_no=A, notify_url=hook.url + "/refund"))["refund_id"])
step("refund query", lambda: well(client.refund.query(out_refund_no=R))["refund_status_0"])
step("the refund arrives", lambda: control(f"refunds/{R}/success")["state"])
step("notification of the refund", lambda: hook.wait("/refund")["refund_status"])
day = TODAY.strftime("%Y%m%d")
step("trade bill", lambda: client.tools.download_bill(day)[:60])
step("error: bill of no day", lambda: wrong(lambda: client.tools.download_bill("20991301")))
step("fund bill", lambda: client.tools.download_fundflow(day)[:60])
step("red packet", lambda: client.redpack.send(
    OPENID, 100, "shop", "name", "wishing", "remark", out_trade_no=f"{conf['mchid']}{day}0000000001", **common)["send_listid"])
step("transfer", lambda: client.transfer.transfer(
    OPENID, 100, "thanks", check_name="NO_CHECK", out_trade_no=number("T"), **common)["payment_no"])
step("error: no such order", lambda: wrong(lambda: client.order.query(out_trade_no="NOSUCHORDER")))
step("error: paid already", lambda: wrong(lambda: client.order.create(
    "JSAPI", "a thing", 100, hook.url + "/pay", user_id=OPENID, out_trade_no=A, attach="a", **common)))
step("error: refund too much", lambda: wrong(lambda: client.refund.apply(100, 1000, number("R"), out_trade_no=A)))
step("reverse", lambda: (lambda number: (
    client.micropay.create("a thing", 1, "134567890123456789", out_trade_no=number, **common),
    well(client.order.reverse(out_trade_no=number))["recall"]))(number("X")))
