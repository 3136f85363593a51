import shutil
import ssl
import subprocess
import threading
import urllib.request

import pytest

from liveswapping.api.address import Address, listen
from liveswapping.api.app import Server
from liveswapping.api.serve import ApiServer, serve
from liveswapping.api.shelf import Limits, Shelf
from liveswapping.domain.errors import SettingsError
from liveswapping.domain.settings import Settings
from tests.api.conftest import TOKEN

OPENSSL = shutil.which("openssl")


@pytest.fixture
def server(tmp_path):
    server = Server.on(Shelf(tmp_path / "data", Limits()), Settings())
    yield server
    server.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_other_machines_are_let_in_only_with_tls_or_an_explicit_word(host):
    with pytest.raises(SettingsError, match="--without_tls"):
        listen(Address(host, 0))


def test_the_explicit_word_lets_them_in():
    with listen(Address("0.0.0.0", 0, without_tls=True)) as listening:
        assert listening.getsockname()[1] > 0


def test_a_port_that_is_taken_is_said_in_one_line():
    with listen(Address(port=0)) as taken, pytest.raises(SettingsError, match="another --port"):
        listen(Address(port=taken.getsockname()[1]))


def test_half_of_tls_is_refused(tmp_path):
    file = tmp_path / "cert.pem"
    with pytest.raises(SettingsError, match="both"):
        listen(Address(certificate=file))
    with pytest.raises(SettingsError, match="no file"):
        listen(Address(certificate=file, key=file))


def test_what_is_no_certificate_is_said_in_one_line(server, tmp_path):
    file = tmp_path / "cert.pem"
    file.write_text("no certificate")
    with pytest.raises(SettingsError, match="cannot be used"):
        serve(server, TOKEN, Address(port=0, certificate=file, key=file), lambda url: None)


@pytest.mark.skipif(OPENSSL is None, reason="no openssl here to make a certificate with")
def test_with_tls_it_listens_to_others_and_speaks_tls(server, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert]
    subprocess.run([OPENSSL, *map(str, words)], check=True, capture_output=True)
    address = Address("0.0.0.0", 0, cert, key)
    import asyncio

    with listen(address) as listening:
        api = ApiServer(server, TOKEN, address)
        thread = threading.Thread(target=lambda: asyncio.run(api.serve([listening])))
        thread.start()
        try:
            url = f"https://127.0.0.1:{listening.getsockname()[1]}/v1/health"
            request = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
            context = ssl.create_default_context(cafile=str(cert))
            with urllib.request.urlopen(request, context=context, timeout=60) as answer:
                assert answer.status == 200
        finally:
            api.should_exit = True
            thread.join()
