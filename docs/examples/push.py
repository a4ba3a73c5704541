# Points from Python, by InfluxDB's own client (pip install influxdb-client).
# PERFWATCH_URL=http://127.0.0.1:8000 PERFWATCH_TOKEN=... python3 push.py
import os

from influxdb_client import InfluxDBClient, Point
from influxdb_client.client.write_api import SYNCHRONOUS

with InfluxDBClient(
    url=os.environ["PERFWATCH_URL"], token=os.environ["PERFWATCH_TOKEN"], org="perfwatch"
) as client:
    write = client.write_api(write_options=SYNCHRONOUS)
    write.write(bucket="pushed", record=Point("oven").tag("room", "cellar").field("celsius", 180.5))
