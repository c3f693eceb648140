# expect: pass
"""Manual optimization: the optimizers come from the module, and are cleared."""
import lightning as L


class GAN(L.LightningModule):
    def training_step(self, batch, batch_idx):
        opt_g, opt_d = self.optimizers()
        opt_d.zero_grad()
        self.manual_backward(self.loss_d(batch))
        opt_d.step()
        opt_g.zero_grad()
        self.manual_backward(self.loss_g(batch))
        opt_g.step()
