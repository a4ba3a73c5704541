// Points from JavaScript, by InfluxDB's own client (npm install @influxdata/influxdb-client).
// PERFWATCH_URL=http://127.0.0.1:8000 PERFWATCH_TOKEN=... node push.mjs
import { InfluxDB, Point } from '@influxdata/influxdb-client'

const { PERFWATCH_URL: url, PERFWATCH_TOKEN: token } = process.env
const write = new InfluxDB({ url, token }).getWriteApi('perfwatch', 'pushed', 'ms')
write.writePoint(new Point('oven').tag('room', 'hall').floatField('celsius', 181.5))
await write.close()
