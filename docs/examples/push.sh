#!/bin/sh
# A point by curl. PERFWATCH_URL=http://127.0.0.1:8000 PERFWATCH_TOKEN=... sh push.sh
curl -sS --fail "$PERFWATCH_URL/api/v2/write?org=perfwatch&bucket=pushed&precision=s" \
  -H "Authorization: Token $PERFWATCH_TOKEN" \
  --data-binary "oven,room=kitchen celsius=182.5 $(date +%s)"
