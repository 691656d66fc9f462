# What stands for AWS: ministack for behaviour over time, the model server for what AWS's models allow.
# shellcheck shell=bash

start_aws() {
  (cd "$run" && export DBDECK_TEST_PASSWORD=$test_password &&
    exec "$ministack_python" "$OLDPWD/tests/servers/ministack_front.py" --port "$AWS" \
      --postgres "$POSTGRES" --replica "$REPLICA" --mysql "$MYSQL" --mariadb "$MARIADB" --tds "$TDS") &
  wait_until 60 "the AWS control plane" $! answers "http://127.0.0.1:$AWS/_ministack/health"
}

start_model() {
  "$model_python" tests/servers/model_server.py --port "$MODEL" &
  wait_until 180 "the model server" $! answers "http://127.0.0.1:$MODEL/_model/calls"
}
