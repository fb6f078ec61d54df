-- The tables of wechatpay-client's feature `postgres`. Running it again changes nothing.

-- Notifications: leased to `owner` until `until`, or, without an owner, handled and remembered until then.
CREATE TABLE IF NOT EXISTS wechatpay_notification (
    id    text        PRIMARY KEY,
    owner text,
    until timestamptz NOT NULL
);

-- For the removal of what is over.
CREATE INDEX IF NOT EXISTS wechatpay_notification_until ON wechatpay_notification (until);

-- The last list of platform certificates, as WeChat Pay sent it to each merchant. Nothing in it is secret.
CREATE TABLE IF NOT EXISTS wechatpay_certificates (
    name  text        PRIMARY KEY,
    list  text        NOT NULL,
    saved timestamptz NOT NULL
);
